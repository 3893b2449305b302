/** Brings the page to life: opens what a link names, wires every run, sorts tables. What is in the page works without it. */
import { createBar } from '../explore/bar.js'
import { makeCopyable } from '../explore/copy.js'
import { createPairs } from '../explore/pairs.js'
import { goTo, readPlace, watchPlace } from '../explore/place.js'
import { createRequests } from '../explore/requests.js'
import { createPanel } from './panel.js'
import { createRun } from './run.js'
import { makeSortable } from './sort.js'

document.documentElement.classList.add('scripted')
createBar()

const runs = new Map()
for (const section of document.querySelectorAll('details.run[data-run]'))
  runs.set(section.dataset.run, createRun(section))

const panel = createPanel({
  element: document.querySelector('#story'),
  onSelect: (run, index, isNext) => goTo(run.linkTo(index), { replace: isNext }),
  onClose: (run) => goTo(run.link, { replace: true }),
})
const pairsSection = document.querySelector('#compare')
const pairs = pairsSection && createPairs(pairsSection)
const list = document.querySelector('[data-requests]')
const requests = list && createRequests(list, { runs: [...runs.values()], choose: explainLostRequest })

for (const table of document.querySelectorAll('table[data-sortable]')) makeSortable(table)
for (const button of document.querySelectorAll('button.copy')) makeCopyable(button)
for (const run of runs.values()) {
  run.whenOpen()
  run.section.addEventListener('toggle', () => run.whenOpen())
  run.section.addEventListener('click', (event) => onRunClick(event, run))
  run.section.addEventListener('keydown', (event) => onMarkKey(event, run))
}

function openRun(run) {
  run.section.open = true
  run.whenOpen()
}

function explainLostRequest(run, index) {
  openRun(run)
  panel.show(run, index)
}

function onRunClick(event, run) {
  const summary = event.target.closest('summary')
  if (summary !== null) {
    // The element is not toggled yet.
    const { dataset } = summary.parentElement
    if (!summary.parentElement.open)
      goTo(dataset.show ? `${run.link}&show=${dataset.show}` : run.link, { replace: true })
    return
  }
  const index = run.marks.indexAt(event)
  if (index !== null) panel.show(run, index)
}

/** Arrow keys on a mark go from one lost request to the next; Enter and Space explain it. */
function onMarkKey(event, run) {
  const index = run.section.open ? run.marks.indexOf(event.target) : null
  if (index === null) return
  if (event.key === 'Enter' || event.key === ' ') {
    event.preventDefault()
    event.stopPropagation()
    panel.show(run, index)
  }
  const step = getStep(event)
  if (step !== 0 && !panel.isOpen()) {
    event.preventDefault()
    run.marks.focus(run.marks.beside(index, step))
  }
}

document.addEventListener('keydown', (event) => {
  if (!panel.isOpen() || event.defaultPrevented || event.target.matches('input, select, textarea')) return
  if (event.key === 'Escape') panel.close()
  const step = getStep(event)
  if (step === 0) return
  event.preventDefault()
  panel.step(step)
})

function getStep(event) {
  if (event.altKey || event.ctrlKey || event.metaKey) return 0
  if (event.key === 'ArrowRight' || event.key === 'ArrowDown') return 1
  return event.key === 'ArrowLeft' || event.key === 'ArrowUp' ? -1 : 0
}

/** Opens the place of a link and moves the focus there; place.js lists the links that there are. */
function followPlace() {
  const { part, fields } = readPlace()
  const run = runs.get(fields.get('run'))
  if (panel.isOpen() && !fields.has('req')) panel.hide()
  if (part === 'requests' && requests) {
    requests.show(fields)
    moveTo(document.querySelector('#requests'))
  } else if (part === 'compare' && pairs) {
    pairs.show(fields)
    moveTo(pairsSection)
  } else if (part === 'run' && run !== undefined) followRun(run, fields)
}

function followRun(run, fields) {
  openRun(run)
  run.showSpan(fields.get('from'), fields.get('to'))
  const index = run.indexNamed(fields.get('req'))
  if (index !== null) return panel.show(run, index, { isLinked: true })
  const shown = [...run.section.querySelectorAll('[data-show]')].find(
    ({ dataset }) => dataset.show === fields.get('show'),
  )
  if (shown?.tagName === 'DETAILS') shown.open = true
  const place = shown ?? (fields.has('from') || fields.has('to') ? run.section.querySelector('.timeline') : run.section)
  moveTo(place, place.querySelector(':scope > summary, .scroll'))
}

function moveTo(place, focused = place) {
  place.scrollIntoView()
  focused.focus({ preventScroll: true })
}

watchPlace(followPlace)

// A closed section prints as its heading only: open them all for the paper, and close again what was closed.
addEventListener('beforeprint', () => {
  for (const run of runs.values()) {
    run.section.dataset.wasOpen = run.section.open
    openRun(run)
    run.drawCharts()
  }
})
addEventListener('afterprint', () => {
  for (const { section } of runs.values()) section.open = section.dataset.wasOpen === 'true'
})
