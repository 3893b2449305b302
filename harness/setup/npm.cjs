'use strict'
/** What npm brings: Node 24 where the machine's own is older, and the packages of package-lock.json. */
const { spawnSync } = require('child_process')
const { createHash } = require('crypto')
const fs = require('fs')
const path = require('path')
const node = require('./node-version.cjs')
const { findCommand } = require('./commands.cjs')

/**
 * Settings of the outer npm that say where packages come from. The rest of its `npm_*` variables speak of the command
 * that was typed (its prefix, its workspace, its flags) and would turn the inner one astray.
 */
const kept =
  /^npm_config_(registry|ca|cafile|cache|userconfig|globalconfig|proxy|https_proxy|noproxy|strict_ssl|offline|prefer_offline)$/i

function buildNpmEnvironment() {
  const names = Object.keys(process.env).filter((name) => !/^npm_/i.test(name) || kept.test(name))
  const environment = { NODE_COMPILE_CACHE: node.compileCache }
  return names.reduce((all, name) => Object.assign(all, { [name]: process.env[name] }), environment)
}

/** Runs npm quietly; its own words are shown when it fails. */
function runNpm(nodeBinary, args) {
  const outer = process.env.npm_execpath || ''
  const command = /npm-cli\.[cm]?js$/.test(outer) ? [nodeBinary, outer] : [findCommand('npm') || 'npm']
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--no-progress', '--loglevel=error']
  const result = spawnSync(command[0], command.slice(1).concat(args, quiet), {
    cwd: node.root,
    env: buildNpmEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    timeout: 20 * 60 * 1000,
  })
  if (result.status === 0) return true
  process.stderr.write(`${result.stdout || ''}${result.stderr || ''}${result.error ? result.error.message + '\n' : ''}`)
  return false
}

function readVersion(binary) {
  const result = spawnSync(binary, ['--version'], { encoding: 'utf8', timeout: 30 * 1000, killSignal: 'SIGKILL' })
  return result.status === 0 ? result.stdout.trim().replace(/^v/, '') : undefined
}

/** The Node to run with: this one, or one that is brought now. Undefined when that failed; npm has then said why. */
function ensureNode(say) {
  if (node.isNewEnough(process.versions.node)) return process.execPath
  const brought = node.findInstalledNode()
  if (brought) return brought
  fs.accessSync(node.root, fs.constants.W_OK)
  say(`Node ${node.pinned} from npm, because this is Node ${process.versions.node} (into .cache/node24)`)
  fs.mkdirSync(node.home, { recursive: true })
  const install = ['install', '--prefix', node.home, '--no-save', '--no-package-lock', '--ignore-scripts']
  if (!runNpm(process.execPath, install.concat(`${node.getPlatformPackage()}@${node.pinned}`))) return undefined
  const binary = node.getBinaryPath(node.home)
  const found = readVersion(binary)
  if (found !== node.pinned) {
    process.stderr.write(`nodrop: ${binary} was installed and does not run as Node ${node.pinned}\n`)
    return undefined
  }
  fs.writeFileSync(node.stamp, node.buildStamp())
  return binary
}

/** e_machine of an ELF file (elf(5)) by what Node calls the architecture. */
const machines = { x64: 62, arm64: 183, s390x: 22, ppc64le: 21 }

function isLinuxBinary(file, architecture) {
  const head = Buffer.alloc(20)
  const descriptor = fs.openSync(file, 'r')
  fs.readSync(descriptor, head, 0, head.length, 0)
  fs.closeSync(descriptor)
  // In the byte order that the sixth byte tells.
  const machine = head[5] === 2 ? head.readUInt16BE(18) : head.readUInt16LE(18)
  return head.toString('latin1', 1, 4) === 'ELF' && machine === machines[architecture]
}

/**
 * A Node for Linux that this machine may be unable to run: for images of a Docker engine in a virtual machine, or elsewhere. The path of
 * its binary; undefined when npm could not install it, and has said why.
 */
function ensureLinuxNode(architecture, say) {
  if (!(architecture in machines)) throw new Error(`there is no Node ${node.pinned} for Linux on ${architecture}`)
  const home = `${node.home}-linux-${architecture}`
  const binary = node.getBinaryPath(home, 'linux', architecture)
  const stamp = path.join(home, 'stamp')
  const wanted = `${node.pinned} linux ${architecture}\n`
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted) return binary
  const shown = node.isCheckout ? path.relative(node.root, home) : home
  say(`Node ${node.pinned} for Linux on ${architecture} (into ${shown})`)
  fs.mkdirSync(home, { recursive: true })
  // The package is for another system than this one, which npm takes for a mistake unless forced.
  const install = ['install', '--prefix', home, '--no-save', '--no-package-lock', '--ignore-scripts', '--force']
  const name = node.getPlatformPackage('linux', architecture)
  if (!runNpm(process.execPath, install.concat(`${name}@${node.pinned}`))) return undefined
  if (!isLinuxBinary(binary, architecture)) throw new Error(`${binary} is no program for Linux on ${architecture}`)
  fs.writeFileSync(stamp, wanted)
  return binary
}

/** What must not have changed since the packages were installed. */
function buildPackagesStamp() {
  const lock = fs.readFileSync(path.join(node.root, 'package-lock.json'))
  return `${createHash('sha256').update(lock).digest('hex')} ${process.platform} ${process.arch}\n`
}

/**
 * Installs the packages as locked, without their scripts. Not by `npm ci`: it refuses a lock that was written where a
 * registry lacks some platform's optional package, which says nothing about this machine.
 */
function ensurePackages(nodeBinary, say) {
  const stamp = path.join(node.root, 'node_modules', '.nodrop-stamp')
  const wanted = buildPackagesStamp()
  try {
    if (fs.readFileSync(stamp, 'utf8') === wanted) return true
  } catch {
    // Never installed, or not to the end.
  }
  fs.accessSync(node.root, fs.constants.W_OK)
  say('the npm packages of package-lock.json (into node_modules)')
  if (!runNpm(nodeBinary, ['install', '--no-save', '--ignore-scripts', '--include=dev', '--include=optional']))
    return false
  fs.writeFileSync(stamp, wanted)
  return true
}

module.exports = { ensureNode, ensureLinuxNode, ensurePackages }
