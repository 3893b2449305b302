'use strict'
/**
 * `node24.cjs <file> [args…]` runs the file with Node 24: in this process when it is new enough, else in a child with
 * the Node that the set-up has installed. Plain JavaScript that Node 12 can parse, as everything that runs before Node 24.
 */
const { spawn } = require('child_process')
const fs = require('fs')
const os = require('os')
const path = require('path')
const { pathToFileURL } = require('url')
const { requiredMajor, compileCache, isNewEnough, findInstalledNode, formatNotSetUp } = require('./node-version.cjs')
const { findCommand } = require('./commands.cjs')

/**
 * Whether this process is in the foreground of a terminal. A SIGINT is then a Ctrl-C, which the terminal has sent
 * to the child too; a second one would make the child give up its clean-up.
 */
function hasTerminal() {
  let stat
  try {
    stat = fs.readFileSync('/proc/self/stat', 'utf8')
  } catch {
    return process.stdin.isTTY
  }
  // proc(5): after the command in brackets come state, ppid, pgrp, session, tty_nr, tpgid (the terminal's foreground group).
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return group === foreground
}

function runInChild(node, args) {
  // If this wrapper is killed, the child gets a SIGTERM and cleans up. setpriv exists on Linux only.
  const setpriv = process.platform === 'linux' ? findCommand('setpriv') : undefined
  const command = setpriv ? [setpriv, '--pdeathsig', 'TERM', node] : [node]
  const child = spawn(command[0], command.slice(1).concat(args), { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !hasTerminal()) child.kill(signal)
    })
  }
  child.on('error', (error) => {
    process.stderr.write(`nodrop: cannot run ${node}: ${error.message}\n`)
    process.exit(3)
  })
  child.on('exit', (code, signal) => process.exit(signal ? 128 + os.constants.signals[signal] : code))
}

/** Runs `args[0]`, a file, with the rest as its arguments. */
function runWithNode24(args) {
  process.env.NODE_COMPILE_CACHE = process.env.NODE_COMPILE_CACHE || compileCache
  if (isNewEnough(process.versions.node)) {
    const file = path.resolve(args[0])
    process.argv = [process.argv[0], file].concat(args.slice(1))
    // An error in the file ends the process as if Node had been given the file.
    void import(pathToFileURL(file).href)
    return
  }
  const node = findInstalledNode()
  if (!node) {
    process.stderr.write(
      formatNotSetUp(`needs Node ${requiredMajor} or newer, and this is Node ${process.versions.node}`),
    )
    process.exit(3)
  }
  runInChild(node, args)
}

if (require.main === module) {
  if (process.argv.length > 2) runWithNode24(process.argv.slice(2))
  else {
    process.stderr.write('usage: node24.cjs <file> [args…]\n')
    process.exitCode = 2
  }
}

module.exports = { runWithNode24 }
