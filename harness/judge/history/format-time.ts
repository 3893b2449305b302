/** When a comparison began, from its id `20261124-120000`, in UTC; another id is shown as it is. */

/** `2026-11-24 12:00`. */
export function formatTime(comparison: string): string {
  const found = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)\d\d/.exec(comparison)
  if (found === null) return comparison
  const [, year, month, day, hour, minute] = found
  return `${year}-${month}-${day} ${hour}:${minute}`
}

/** `2026-11-24`. */
export function formatDate(comparison: string): string {
  return formatTime(comparison).replace(/^(\d{4}-\d\d-\d\d) \d\d:\d\d$/, '$1')
}
