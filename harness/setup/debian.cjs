'use strict'
/** The programs that runs and tests need from the machine, and Debian's packages that have them. */
const { spawn } = require('child_process')
const fs = require('fs')
const path = require('path')
const { findCommand } = require('./commands.cjs')
const { root } = require('./node-version.cjs')

const forRuns = [
  { commands: ['nginx'], package: 'nginx' },
  { commands: ['gunicorn'], package: 'gunicorn' },
  { commands: ['python3'], package: 'python3' },
  { commands: ['nft'], package: 'nftables' },
  { commands: ['ip'], package: 'iproute2' },
  { commands: ['unshare', 'nsenter', 'setpriv'], package: 'util-linux' },
  { commands: ['mount'], package: 'mount' },
]
const forTests = forRuns.concat({ commands: ['git'], package: 'git' })
const forBench = [
  { commands: ['nginx'], package: 'nginx' },
  { commands: ['wrk'], package: 'wrk' },
  { commands: ['taskset'], package: 'util-linux' },
]
const forCaptures = [
  { commands: ['tcpdump'], package: 'tcpdump' },
  { commands: ['nsenter'], package: 'util-linux' },
]
const forTools = [
  { commands: ['tcpdump'], package: 'tcpdump' },
  { commands: ['wrk'], package: 'wrk' },
  { commands: ['ab'], package: 'apache2-utils' },
  { commands: ['curl'], package: 'curl' },
]
const forTracking = [{ commands: ['conntrack'], package: 'conntrack' }]
const browsers = ['chromium', 'google-chrome', 'google-chrome-stable']

function listMissingPackages(needs) {
  return needs.filter((need) => !need.commands.every(findCommand)).map((need) => need.package)
}

function readOsRelease() {
  try {
    return fs.readFileSync('/etc/os-release', 'utf8')
  } catch {
    return ''
  }
}

/** Debian's maintainer scripts ask this program whether they may start a service; 101 means that they may not. */
const policy = '/usr/sbin/policy-rc.d'
const policyText = '#!/bin/sh\n# Written by the set-up of nodrop while it installs packages; it removes it.\nexit 101\n'

function removePolicy() {
  try {
    if (fs.readFileSync(policy, 'utf8') === policyText) fs.unlinkSync(policy)
  } catch {
    // The file does not exist, or belongs to another user.
  }
}

/** Handles signals only after the work, so that the policy is removed; `isInterrupted` tells whether one has come. */
async function withoutServices(work) {
  let exitCode = 0
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }
  const onSignal = (signal) => (exitCode = codes[signal])
  for (const signal of Object.keys(codes)) process.on(signal, onSignal)
  removePolicy()
  if (!fs.existsSync(policy)) fs.writeFileSync(policy, policyText, { mode: 0o755 })
  try {
    return await work(() => exitCode !== 0)
  } finally {
    removePolicy()
    for (const signal of Object.keys(codes)) process.removeListener(signal, onSignal)
    if (exitCode !== 0) process.exit(exitCode)
  }
}

/** apt-get itself gives up an archive that does not answer, file by file. */
const aptLimits = { limitMs: 20 * 60 * 1000, graceMs: 30 * 1000 }
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Whether apt-get did it, and all that it said. After the limit it is asked to stop and, when it still runs after the grace, killed: both
 * with all that it has started.
 */
function runAptGet(args, limits) {
  const { limitMs, graceMs } = limits || aptLimits
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Dpkg::Use-Pty=0']
  const env = Object.assign({}, process.env, { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' })
  return new Promise((resolve) => {
    const child = spawn('apt-get', options.concat(args), { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    let said = ''
    let killing
    const toGroup = (signal) => {
      if (child.pid === undefined) return
      try {
        process.kill(-child.pid, signal)
      } catch {
        // It has ended.
      }
    }
    const late = setTimeout(() => {
      said += `\nended: it had not finished after ${limitMs / 1000} s\n`
      toGroup('SIGTERM')
      killing = setTimeout(() => {
        toGroup('SIGKILL')
        // A process that has left the group may hold the other ends.
        child.stdout.destroy()
        child.stderr.destroy()
      }, graceMs)
    }, limitMs)
    const end = (result) => {
      clearTimeout(late)
      clearTimeout(killing)
      for (const signal of signals) process.removeListener(signal, toGroup)
      resolve(result)
    }
    // In a group of its own it does not get a terminal's Ctrl-C.
    for (const signal of signals) process.on(signal, toGroup)
    child.stdout.on('data', (data) => (said += data))
    child.stderr.on('data', (data) => (said += data))
    child.on('error', (error) => end({ ok: false, said: error.message }))
    child.on('close', (code) => end({ ok: code === 0, said }))
  })
}

function hasLists() {
  try {
    return fs.readdirSync('/var/lib/apt/lists').some((name) => /_Packages(\.\w+)?$/.test(name))
  } catch {
    return false
  }
}

/** Installs; fetches the package lists first if they are missing or too old for the archive. Returns the error, if any. */
function installPackages(packages) {
  return withoutServices(async (isInterrupted) => {
    const args = ['install', '-y', '--no-install-recommends'].concat(packages)
    const fresh = !hasLists()
    if (fresh) await runAptGet(['update'])
    let result = await runAptGet(args)
    if (!result.ok && !fresh && !isInterrupted()) {
      await runAptGet(['update'])
      result = await runAptGet(args)
    }
    if (result.ok) return undefined
    const log = path.join(root, '.cache', 'apt-get.log')
    fs.mkdirSync(path.dirname(log), { recursive: true })
    fs.writeFileSync(log, result.said)
    return `${result.said.trim().split('\n').slice(-5).join('\n')}\n(all of it: ${log})`
  })
}

/** Whether every program that a run needs is there in the end. */
async function ensurePrograms(needs, say) {
  const missing = listMissingPackages(needs)
  if (missing.length === 0) return true
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`
  if (!findCommand('apt-get')) {
    const commands = needs.reduce((all, need) => all.concat(need.commands), []).filter((name) => !findCommand(name))
    say(`missing on this machine: ${commands.join(', ')}; install what provides them (on Debian or Ubuntu: ${command})`)
    return false
  }
  if (process.getuid() !== 0) {
    say(`missing on this machine: Debian packages ${missing.join(', ')}; install them once with: sudo ${command}`)
    return false
  }
  say(`installing Debian packages ${missing.join(', ')} (their services are not started)`)
  const problem = await installPackages(missing)
  if (problem) say(`cannot install ${missing.join(', ')}: apt-get said\n${problem}`)
  return problem === undefined
}

/** Why the browser tests cannot have a browser here, if they cannot. */
async function findBrowserProblem(say) {
  if (browsers.some(findCommand)) return undefined
  if (!findCommand('apt-get')) return 'no Chromium or Chrome on this machine'
  // Ubuntu's package of this name only fetches a snap, which needs a running snapd.
  if (/^ID=ubuntu$/m.test(readOsRelease())) return 'no Chrome on this machine, and Chromium is only a snap on Ubuntu'
  if (process.getuid() !== 0) return 'no Chromium on this machine (sudo apt-get install chromium)'
  say('installing Debian package chromium')
  const problem = await installPackages(['chromium'])
  return problem && `cannot install chromium: apt-get said\n${problem}`
}

/** Tests of the report open it in a browser; without one they are skipped, and this says so. */
async function ensureBrowser(say) {
  const problem = await findBrowserProblem(say)
  if (problem) say(`the tests that open the report in a browser will be skipped: ${problem}`)
}

/** Packets are captured in pods of this machine, which takes root; tests that need it are skipped without, and this says so. */
async function ensureCaptures(say) {
  if (await ensurePrograms(forCaptures, say)) return
  say('the tests that capture packets will be skipped')
}

/** The embedded cluster runs without it, but its reports then lack the pod to which the kernel sent a lost connection. */
async function ensureTracking(say) {
  if (await ensurePrograms(forTracking, say)) return
  say('until then lost connections are tied to pods by moments')
}

module.exports = {
  forRuns,
  forTests,
  forBench,
  forCaptures,
  forTools,
  ensurePrograms,
  ensureBrowser,
  ensureCaptures,
  ensureTracking,
  runAptGet,
}
