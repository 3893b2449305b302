/**
 * Places of the report as links. Every place has one, and the address bar always has the link of what is looked at.
 *
 *   #safe #happened #why #requests #measured          a part
 *   #run=ID                                           a run, opened
 *   #run=ID&req=DRIVER-SEQ                            one of its lost requests, explained
 *   #run=ID&from=S&to=S                               a part of its timeline, in seconds from the beginning of the disruption
 *   #run=ID&show=NAME                                 one of its tables or drawings: `percentiles`, `latency-by-lane-and-phase`, …
 *   #requests&run=ID&outcome=O&lane=L&pod=P&moment=M&configuration=C&from=S&to=S
 *                                                     the list of lost requests, filtered; each filter may be left out
 *   #compare&a=NAME&b=NAME                            two configurations side by side
 *
 * Values are percent-encoded as in a query. What a link names and the report has not is left out.
 */
export function readPlace(hash = location.hash) {
  const fields = new URLSearchParams(hash.slice(1))
  const [part] = fields.keys()
  return { part, fields }
}

/** `#requests&outcome=refused` of `'requests'` and `{ outcome: 'refused' }`; what is empty is left out. */
export function formatPlace(part, fields) {
  const given = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined && value !== '')
  return ['#' + part, ...given.map(([name, value]) => `${name}=${encodeURIComponent(value)}`)].join('&')
}

/** A step that the back button undoes, unless it goes on from the place that is shown. */
export function goTo(hash, { replace = false } = {}) {
  if (hash === location.hash) return
  if (replace) history.replaceState(null, '', hash)
  else history.pushState(null, '', hash)
}

/** Calls `follow` for the place in the address bar now, and whenever it changes or is chosen again. */
export function watchPlace(follow) {
  addEventListener('hashchange', follow)
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href^="#"]')
    if (link !== null && link !== undefined && link.getAttribute('href') === location.hash) follow()
  })
  follow()
}

/** Seconds of a link as µs on the run's clock; `null` where it has none. */
export function toInstant(seconds, scale) {
  const value = seconds === null || seconds === undefined || seconds === '' ? NaN : Number(seconds)
  return Number.isFinite(value) ? scale.originUs + value * 1_000_000 : null
}

/** The other way round, to the millisecond. */
export function toSeconds(us, scale) {
  return us === null ? null : String(Math.round((us - scale.originUs) / 1_000) / 1_000)
}
