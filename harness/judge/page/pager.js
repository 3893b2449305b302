import { formatCount } from '../../base/figures.ts'
import { lossColumns } from '../timeline/loss-columns.ts'
import { formatRequestName } from '../losses/payload.ts'
import { element } from './element.js'

const pageLength = 200

/** Lets the table of lost requests show all of them, some hundred at a time. */
export function pageThrough(section, run) {
  const pager = section.querySelector('[data-pager]')
  if (pager === null) return
  const body = section.querySelector('[data-losses] tbody')
  const { losses } = run
  const pages = Math.ceil(losses.length / pageLength)
  let page = 0
  if (body.rows.length === losses.length) return

  function turnPage(by) {
    page = Math.min(pages - 1, Math.max(0, page + by))
    const first = page * pageLength
    const rows = losses.slice(first, first + pageLength).map((loss, place) => createRow(loss, first + place))
    body.replaceChildren(...rows)
    const says = `${formatCount(first + 1)} to ${formatCount(first + rows.length)} of ${formatCount(losses.length)}`
    status.textContent = says
    earlier.disabled = page === 0
    later.disabled = page === pages - 1
  }

  function createRow(loss, index) {
    const link = element('a', { href: run.linkTo(index) }, [formatRequestName(loss.request)])
    const cells = lossColumns.map(({ numeric, value }) =>
      element('td', numeric ? { class: 'n' } : {}, [value(loss, run.scale)]),
    )
    return element('tr', {}, [element('th', { scope: 'row' }, [link]), ...cells])
  }

  const status = element('span', { 'aria-live': 'polite' }, [])
  const earlier = element('button', { type: 'button' }, ['← Earlier'], () => turnPage(-1))
  const later = element('button', { type: 'button' }, ['Later →'], () => turnPage(1))
  pager.replaceChildren(earlier, status, later)
  turnPage(0)
}
