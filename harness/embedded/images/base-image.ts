/** The images that a Dockerfile may begin from. */

/**
 * The machine's own files stand in for the base image, so it must be one of the distributions that the embedded cluster runs on. Their
 * releases by name and number; newer releases have greater numbers.
 */
const supportedReleases: Readonly<Record<string, RegExp>> = {
  debian:
    /^(?:latest|(?:bullseye|bookworm|trixie|forky|sid|oldoldstable|oldstable|stable|testing|unstable)(?:-\d{8})?(?:-slim)?|1[1-9](?:\.\d+)?(?:-slim)?)$/,
  ubuntu: /^(?:latest|rolling|devel|(?:focal|jammy|noble|questing|resolute)(?:-\d{8}(?:\.\d+)?)?|2\d\.(?:04|10))$/,
}

/**
 * Official images of interpreters on Debian: the machine's own interpreter stands in for any version. Images on other distributions have
 * other files.
 */
const onDebian =
  /^(?:(?:latest|lts|current|\d+(?:\.\d+){0,2})(?:-(?:bullseye|bookworm|trixie))?(?:-slim)?|slim|bookworm|trixie)$/
const interpreters: ReadonlySet<string> = new Set(['python', 'node'])

/** Throws when `reference` is not a supported base image. */
export function checkBaseImage(reference: string): void {
  const [, name = '', tag = 'latest'] =
    /^(?:docker\.io\/)?(?:library\/)?([^:@]+)(?::([^@]+))?(?:@sha256:[0-9a-f]{64})?$/.exec(reference) ?? []
  if (Object.hasOwn(supportedReleases, name) && supportedReleases[name]?.test(tag) === true) return
  if (interpreters.has(name) && onDebian.test(tag)) return
  const known = `the machine's own files stand in for the base image, which must be a release of debian or ubuntu, or python or node on Debian`
  throw new Error(`${reference}: not found: the embedded cluster pulls no images; ${known}`)
}
