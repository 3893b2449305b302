import { formatCount, formatPlural } from '../../base/figures.ts'
import { lossColumns } from '../timeline/loss-columns.ts'
import { formatRequestName } from '../losses/payload.ts'
import { element } from '../page/element.js'
import { copyText } from './copy.js'
import { formatPlace, goTo, toInstant } from './place.js'

const pageLength = 50

const columns = Object.fromEntries(lossColumns.map((column) => [column.title, column]))
const readColumn = (title) => (row) => columns[title].value(row.loss, row.run.scale)

/** What the list can be filtered by: the name in links, the label, and the value that a row has. */
const facets = [
  { name: 'configuration', label: 'Configuration', read: ({ run }) => run.configuration },
  { name: 'run', label: 'Run', read: ({ run }) => run.runId, show: ({ run }) => run.name },
  { name: 'outcome', label: 'Outcome', read: readColumn('outcome') },
  { name: 'lane', label: 'Lane', read: readColumn('lane') },
  { name: 'pod', label: 'Pod', read: readColumn('pod') },
  { name: 'moment', label: 'Latest moment', read: readColumn('latest moment') },
]

/** The list of the lost requests of all runs, with filters. Drawn when it is first looked at. */
export function createRequests(mount, { runs, choose }) {
  let rows = null
  let view = null
  const filters = {}

  function draw() {
    if (view !== null) return
    rows = runs.flatMap((run) => run.losses.map((loss, index) => ({ run, loss, index })))
    view = buildView({ filters, setFilter, choose, copy, clear })
    mount.replaceChildren(...view.parts)
    update()
  }

  function setFilter(name, value) {
    if (value === '' || value === null) delete filters[name]
    else filters[name] = value
    update()
    goTo(formatPlace('requests', filters), { replace: true })
  }

  function clear() {
    for (const name of Object.keys(filters)) delete filters[name]
    update()
    goTo('#requests', { replace: true })
  }

  function copy() {
    const heads = ['run', 'request', ...lossColumns.map(({ title }) => title)]
    const lines = listRows(rows, filters).map(({ run, loss }) =>
      [run.name, formatRequestName(loss.request), ...lossColumns.map(({ value }) => value(loss, run.scale))].join('\t'),
    )
    return copyText([heads.join('\t'), ...lines].join('\n') + '\n')
  }

  function update() {
    view.update({ rows: listRows(rows, filters), options: listOptions(rows, filters), total: rows.length })
  }

  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return
      observer.disconnect()
      draw()
    },
    { rootMargin: '300px' },
  )
  observer.observe(mount)
  return {
    draw,
    /** Shows what a link asks for; what it does not name is not filtered. */
    show(fields) {
      for (const name of Object.keys(filters)) delete filters[name]
      for (const { name } of [...facets, { name: 'from' }, { name: 'to' }]) {
        const value = fields.get(name)
        if (value !== null && value !== '') filters[name] = value
      }
      observer.disconnect()
      if (view === null) draw()
      else update()
    },
  }
}

function listRows(rows, filters, except) {
  const wanted = facets.filter(({ name }) => name !== except && filters[name] !== undefined)
  return rows.filter((row) => isInSpan(row, filters) && wanted.every(({ name, read }) => read(row) === filters[name]))
}

function isInSpan({ run, loss }, { from, to }) {
  const [fromUs, toUs] = [toInstant(from, run.scale), toInstant(to, run.scale)]
  return (fromUs === null || fromUs <= loss.lostUs) && (toUs === null || loss.lostUs <= toUs)
}

/** Of each facet its values, with how many requests there would be of each under the other filters, the most first. */
function listOptions(rows, filters) {
  return facets.map(({ name, read, show = read }) => {
    const counts = new Map()
    for (const row of listRows(rows, filters, name)) {
      const value = read(row)
      const known = counts.get(value)
      if (known === undefined) counts.set(value, { value, says: show(row), count: 1 })
      else known.count += 1
    }
    const chosen = filters[name]
    if (chosen !== undefined && !counts.has(chosen)) counts.set(chosen, { value: chosen, says: chosen, count: 0 })
    return [...counts.values()].sort((a, b) => b.count - a.count || (a.says < b.says ? -1 : 1))
  })
}

function buildView({ filters, setFilter, choose, copy, clear }) {
  const selects = facets.map(({ name, label }) => {
    const select = element('select', { name }, [])
    select.addEventListener('change', () => setFilter(name, select.value))
    return { name, select, field: element('label', {}, [element('span', {}, [label]), select]) }
  })
  const spans = ['from', 'to'].map((name) => {
    const input = element('input', { name, type: 'number', step: 'any', inputmode: 'decimal' }, [])
    input.addEventListener('change', () => setFilter(name, input.value))
    const label = name === 'from' ? 'Lost from, s' : 'to, s'
    return { name, input, field: element('label', {}, [element('span', {}, [label]), input]) }
  })
  const status = element('p', { class: 'of', role: 'status' }, [])
  const body = element('tbody', {}, [])
  const pages = createPages((shown) => body.replaceChildren(...shown.map((row) => createRow(row, choose))))
  const said = element('span', { class: 'of', role: 'status' }, [])
  const copyButton = element('button', { type: 'button' }, ['Copy list as text'], async () => {
    said.textContent = (await copy()) ? 'Copied' : 'Cannot copy here'
  })
  const clearButton = element('button', { type: 'button' }, ['Clear filters'], clear)
  return {
    parts: [
      element('div', { class: 'filters', role: 'group', 'aria-label': 'Filters' }, [
        ...selects.map(({ field }) => field),
        ...spans.map(({ field }) => field),
        clearButton,
      ]),
      element('div', { class: 'pager' }, [status, ...pages.parts, copyButton, said]),
      element('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Lost requests' }, [
        createTable(body),
      ]),
    ],
    update({ rows, options, total }) {
      selects.forEach(({ name, select }, place) => {
        const all = element('option', { value: '' }, ['all'])
        const each = options[place].map(({ value, says, count }) =>
          element('option', { value }, [`${says} (${formatCount(count)})`]),
        )
        select.replaceChildren(all, ...each)
        select.value = filters[name] ?? ''
      })
      for (const { name, input } of spans) input.value = filters[name] ?? ''
      clearButton.disabled = Object.keys(filters).length === 0
      said.textContent = ''
      status.textContent =
        rows.length === total
          ? formatPlural(total, 'lost request')
          : `${formatCount(rows.length)} of ${formatPlural(total, 'lost request')}`
      pages.show(rows)
    },
  }
}

function createTable(body) {
  const heads = ['request', 'run', ...lossColumns.map(({ title }) => title)]
  const cells = heads.map((title) => element('th', { scope: 'col' }, [title]))
  const head = element('thead', {}, [element('tr', {}, cells)])
  return element('table', { class: 'plain' }, [element('caption', {}, ['Lost requests']), head, body])
}

function createRow({ run, loss, index }, choose) {
  const name = formatRequestName(loss.request)
  const link = element('a', { href: run.linkTo(index) }, [name], (event) => {
    event.preventDefault()
    choose(run, index)
  })
  const cells = lossColumns.map(({ numeric, value }) =>
    element('td', numeric ? { class: 'n' } : {}, [value(loss, run.scale)]),
  )
  return element('tr', {}, [element('th', { scope: 'row' }, [link]), element('td', {}, [run.name]), ...cells])
}

/** Shows some of many rows at a time. */
function createPages(draw) {
  let rows = []
  let page = 0
  const turnTo = (next) => {
    const pages = Math.max(1, Math.ceil(rows.length / pageLength))
    page = Math.min(pages - 1, Math.max(0, next))
    const first = page * pageLength
    const shown = rows.slice(first, first + pageLength)
    draw(shown)
    says.textContent = shown.length === 0 ? '' : `${formatCount(first + 1)} to ${formatCount(first + shown.length)}`
    earlier.disabled = page === 0
    later.disabled = page === pages - 1
  }
  const says = element('span', { 'aria-live': 'polite' }, [])
  const earlier = element('button', { type: 'button' }, ['← Earlier'], () => turnTo(page - 1))
  const later = element('button', { type: 'button' }, ['Later →'], () => turnTo(page + 1))
  return {
    parts: [earlier, says, later],
    show(next) {
      rows = next
      turnTo(0)
    },
  }
}
