'use strict'
/**
 * `setup.cjs <run|test|kind|check|bench|capture|tools> [file args…]`: brings what this machine lacks for that, says what it brings, is done at
 * once when there is nothing to do, and then runs the file with Node 24. Not by npm's `pre` scripts, which `ignore-scripts` leaves out.
 */
const { ensureNode, ensurePackages } = require('./npm.cjs')
const { runWithNode24 } = require('./node24.cjs')
const { root } = require('./node-version.cjs')
const { quoteShellWord } = require('./commands.cjs')
const {
  forRuns,
  forTests,
  forBench,
  forCaptures,
  forTools,
  ensurePrograms,
  ensureBrowser,
  ensureCaptures,
  ensureTracking,
} = require('./debian.cjs')

function say(text) {
  process.stderr.write(`nodrop set-up: ${text}\n`)
}

const needs = { run: forRuns, test: forTests, kind: [], bench: forBench, capture: forCaptures, tools: forTools }
const modes = Object.keys(needs).concat('check')

async function ensureMachine(mode) {
  if (mode === 'check') return true
  if (process.platform !== 'linux') {
    say('the embedded cluster needs Linux; on this system runs need a cluster from kind or a kubeconfig')
    return true
  }
  if (!(await ensurePrograms(needs[mode], say))) return false
  if (mode === 'run' || mode === 'test') await ensureTracking(say)
  if (mode === 'test') await ensureBrowser(say)
  if (mode === 'kind') await ensureCaptures(say)
  return true
}

async function setUp(mode) {
  if (!modes.includes(mode)) {
    process.stderr.write(`usage: setup.cjs <${modes.join('|')}> [file args…]\n`)
    return 2
  }
  const node = ensureNode((what) => say(`installing ${what}`))
  if (!node || !ensurePackages(node, (what) => say(`installing ${what}`))) return 3
  return (await ensureMachine(mode)) ? 0 : 3
}

/** What the system refuses is said in one line; of everything else its stack and what to do. */
function explainError(error) {
  const refusals = ['EROFS', 'EACCES', 'EPERM', 'ENOSPC', 'EDQUOT']
  if (!refusals.includes(error.code)) {
    const remedy = 'Run the same command again. If this comes back, report these lines together with the command.'
    return `nodrop set-up: internal error (please report): ${error.stack}\n${remedy}\n`
  }
  const what = `cannot write below ${quoteShellWord(root)}: ${error.message}`
  return `nodrop set-up: ${what}; use a checkout that you may write to, or set this one up as its owner\n`
}

async function main(mode, ...command) {
  let code
  try {
    // A usage needs nothing of the machine.
    code = await setUp(command[1] === '--help' || command[1] === '-h' ? 'check' : mode)
  } catch (error) {
    process.stderr.write(explainError(error))
    code = 3
  }
  if (code === 0 && command.length > 0) runWithNode24(command)
  else process.exitCode = code
}

void main(...process.argv.slice(2))
