import { element } from './element.js'

/** Puts a button in each heading that can sort; a second press turns the order round. */
export function makeSortable(table) {
  const heads = [...table.tHead.rows[0].cells]
  const [body] = table.tBodies
  heads.forEach((head, column) => {
    const { sort } = head.dataset
    if (sort === 'none') return
    const button = element('button', { type: 'button' }, [head.textContent], () => {
      const direction = head.getAttribute('aria-sort') === 'ascending' ? 'descending' : 'ascending'
      for (const other of heads) other.removeAttribute('aria-sort')
      head.setAttribute('aria-sort', direction)
      const sign = direction === 'ascending' ? 1 : -1
      const rows = [...body.rows].sort((a, b) => sign * compareCells(a.cells[column], b.cells[column], sort))
      body.append(...rows)
    })
    head.replaceChildren(button)
  })
}

function compareCells(a, b, sort) {
  const [left, right] = [a.dataset.value, b.dataset.value]
  if (sort === 'number') return Number(left) - Number(right)
  // By code unit, not by locale: the same order everywhere.
  return left < right ? -1 : Number(left > right)
}
