/** Short pod names for a narrow column, without the part that all of them share. */

const maxNameLength = 17

/** Each pod's name without the words that all begin with, cut from the left to fit. */
export function shortenNames(pods: readonly string[]): Map<string, string> {
  const [first = ''] = pods
  const words = first.split('-')
  let common = ''
  for (const word of words.slice(0, -1)) {
    const longer = `${common}${word}-`
    if (pods.length < 2 || !pods.every((pod) => pod.startsWith(longer) && pod.length - longer.length >= 3)) break
    common = longer
  }
  return new Map(pods.map((pod) => [pod, fitName(pod.slice(common.length))]))
}

function fitName(name: string): string {
  const characters = Array.from(name)
  return characters.length <= maxNameLength ? name : `…${characters.slice(1 - maxNameLength).join('')}`
}
