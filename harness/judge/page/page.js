/** Brings the page to life: opens what a link names, wires every run, sorts tables. Everything else works without it. */
import { makeCopyable } from './copy.js'
import { createPanel } from './panel.js'
import { createRun } from './run.js'
import { makeSortable } from './sort.js'

const runs = new Map()
for (const section of document.querySelectorAll('details.run[data-run]'))
  runs.set(section.dataset.run, createRun(section))

const panel = createPanel({
  element: document.querySelector('#story'),
  onSelect: (run, index) => history.replaceState(null, '', run.linkTo(index)),
  onClose: (run) => history.replaceState(null, '', run.link),
})

document.documentElement.classList.add('scripted')
for (const table of document.querySelectorAll('table[data-sortable]')) makeSortable(table)
for (const button of document.querySelectorAll('button.copy')) makeCopyable(button)
for (const run of runs.values()) {
  run.whenOpen()
  run.section.addEventListener('toggle', () => run.whenOpen())
  run.section.addEventListener('click', (event) => {
    const index = run.marks.indexAt(event)
    if (index !== null) panel.show(run, index)
  })
  run.section.addEventListener('keydown', (event) => onMarkKey(event, run))
}

/** Arrow keys on a mark go from one lost request to the next; Enter and Space explain it. */
function onMarkKey(event, run) {
  const index = run.marks.indexOf(event.target)
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
  if (!panel.isOpen() || event.defaultPrevented) return
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

/** `#run=<runId>` opens a run, `#run=<runId>&req=<driver>-<seq>` one of its lost requests as well. */
function followLink() {
  const wanted = new URLSearchParams(location.hash.slice(1))
  const run = runs.get(wanted.get('run'))
  if (run === undefined) return
  run.section.open = true
  run.whenOpen()
  const index = run.indexNamed(wanted.get('req'))
  if (index === null) run.section.scrollIntoView()
  else panel.show(run, index)
}

addEventListener('hashchange', followLink)
followLink()

// A closed section prints as its heading only: open them all for the paper, and close again what was closed.
addEventListener('beforeprint', () => {
  for (const { section } of runs.values()) {
    section.dataset.wasOpen = section.open
    section.open = true
  }
})
addEventListener('afterprint', () => {
  for (const { section } of runs.values()) section.open = section.dataset.wasOpen === 'true'
})
