'use strict'
/**
 * `setup.cjs <run|test|kind|check|bench|capture>`, which npm runs before the scripts start, test, test:kind, check, bench and capture: brings
 * what this machine lacks, says what it brings, and is done at once when there is nothing to do.
 */
const { ensureNode, ensurePackages } = require('./npm.cjs')
const {
  forRuns,
  forTests,
  forBench,
  forCaptures,
  ensurePrograms,
  ensureBrowser,
  ensureCaptures,
} = require('./debian.cjs')

function say(text) {
  process.stderr.write(`nodrop set-up: ${text}\n`)
}

const needs = { run: forRuns, test: forTests, kind: [], bench: forBench, capture: forCaptures }
const modes = Object.keys(needs).concat('check')

async function ensureMachine(mode) {
  if (mode === 'check') return true
  if (process.platform !== 'linux') {
    say('the embedded cluster needs Linux; on this system runs need a cluster from kind or a kubeconfig')
    return true
  }
  if (!(await ensurePrograms(needs[mode], say))) return false
  if (mode === 'test') await ensureBrowser(say)
  if (mode === 'kind') await ensureCaptures(say)
  return true
}

async function main(mode) {
  if (!modes.includes(mode)) {
    process.stderr.write(`usage: setup.cjs <${modes.join('|')}>\n`)
    return 2
  }
  const node = ensureNode((what) => say(`installing ${what}`))
  if (!node || !ensurePackages(node, (what) => say(`installing ${what}`))) return 3
  return (await ensureMachine(mode)) ? 0 : 3
}

main(process.argv[2]).then(
  (code) => (process.exitCode = code),
  (error) => {
    process.stderr.write(`${error.stack}\n`)
    process.exitCode = 3
  },
)
