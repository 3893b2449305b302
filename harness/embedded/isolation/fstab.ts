/** Mounts as lines of an fstab, so that one process can make them all. */

export interface MountEntry {
  source: string
  target: string
  /** `none` for a bind mount. */
  type: 'none' | 'overlay' | 'proc' | 'tmpfs' | 'devpts'
  options: string[]
}

/** In the given order: a mount within another one comes after it. */
export function formatFstab(entries: readonly MountEntry[]): string {
  return entries
    .map(
      ({ source, target, type, options }) =>
        `${escapeField(source)} ${escapeField(target)} ${type} ${escapeField(options.join(','))} 0 0\n`,
    )
    .join('')
}

/** Blanks end a field; fstab(5) allows octal escapes. */
function escapeField(field: string): string {
  return field.replace(/[\s\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`)
}
