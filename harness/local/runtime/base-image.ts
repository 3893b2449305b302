/** Which images a Dockerfile may begin from. */

/**
 * The machine's own files stand in for the base image, so it must be one of the distributions that the embedded cluster
 * runs on. Their releases by name and number; what is newer has a number that is greater.
 */
const releases: Readonly<Record<string, RegExp>> = {
  debian:
    /^(?:latest|(?:bullseye|bookworm|trixie|forky|sid|oldoldstable|oldstable|stable|testing|unstable)(?:-\d{8})?(?:-slim)?|1[1-9](?:\.\d+)?(?:-slim)?)$/,
  ubuntu: /^(?:latest|rolling|devel|(?:focal|jammy|noble|questing|resolute)(?:-\d{8}(?:\.\d+)?)?|2\d\.(?:04|10))$/,
}

/** Throws when `reference` names no image that is known to be there. */
export function checkBaseImage(reference: string): void {
  const [, name = '', tag = 'latest'] =
    /^(?:docker\.io\/)?(?:library\/)?([^:@]+)(?::([^@]+))?(?:@sha256:[0-9a-f]{64})?$/.exec(reference) ?? []
  if (Object.hasOwn(releases, name) && releases[name]?.test(tag) === true) return
  const known = `the machine's own files stand in for the base image, which must be a release of debian or ubuntu`
  throw new Error(`${reference}: not found: the embedded cluster pulls no images; ${known}`)
}
