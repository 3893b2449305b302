/** Mounts as lines of an fstab, so that one process makes them all. */

export interface MountEntry {
  source: string
  target: string
  /** `none` for a bind mount. */
  type: 'none' | 'overlay' | 'proc' | 'tmpfs' | 'devpts'
  options: string[]
}

/** In the order given: what lies in another mount comes after it. */
export function formatFstab(entries: readonly MountEntry[]): string {
  return entries
    .map(
      ({ source, target, type, options }) =>
        `${escapeField(source)} ${escapeField(target)} ${type} ${escapeField(options.join(','))} 0 0\n`,
    )
    .join('')
}

/** Blanks end a field; fstab(5) takes octal escapes. */
function escapeField(field: string): string {
  return field.replace(/[\s\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`)
}
