'use strict'
/** Which Node nodrop needs, and where the set-up puts one when the machine's own is too old. */
const fs = require('fs')
const os = require('os')
const path = require('path')
const { quoteShellWord } = require('./commands.cjs')

const requiredMajor = 24
/** The version that the set-up installs: an exact one, so that every machine measures with the same. */
const pinned = '24.21.0'
const root = path.join(__dirname, '../..')
/** npm publishes no lock file. */
const isCheckout = fs.existsSync(path.join(root, 'package-lock.json'))
const cache = findCacheFolder()
const home = path.join(cache || path.join(root, '.cache'), 'node24')
/**
 * The folder of Node's compile cache. npm and vitest would leave theirs in the temporary folder, where it is never deleted. Undefined:
 * there is no place for it.
 */
const compileCache = cache && path.join(cache, 'compile')
/** Written once the binary has run: an interrupted download is never taken for a Node. */
const stamp = path.join(home, 'stamp')

/**
 * A checkout keeps its own. Nothing is written below node_modules, which may be read-only: a package has the user's
 * (https://specifications.freedesktop.org/basedir-spec/latest/), and without a home there is none.
 */
function findCacheFolder() {
  if (isCheckout) return path.join(root, '.cache')
  const given = process.env.XDG_CACHE_HOME || ''
  if (path.isAbsolute(given)) return path.join(given, 'nodrop')
  try {
    return path.join(os.homedir(), '.cache', 'nodrop')
  } catch {
    return undefined
  }
}

function isNewEnough(version) {
  return Number(version.split('.')[0]) >= requiredMajor
}

/** The npm package that holds nothing but Node's binary for this machine; npm's `node` only fetches it by a script. */
function getPlatformPackage(system = process.platform, architecture = process.arch) {
  const platform = system === 'win32' ? 'win' : system
  const prefix = platform === 'darwin' && architecture === 'arm64' ? 'node-bin' : 'node'
  return `${prefix}-${platform}-${architecture}`
}

function getBinaryPath(directory, system = process.platform, architecture = process.arch) {
  const binary = system === 'win32' ? 'node.exe' : 'node'
  return path.join(directory, 'node_modules', getPlatformPackage(system, architecture), 'bin', binary)
}

/** The expected content of the stamp: the version, and the platform, because a checkout may be shared between machines. */
function buildStamp() {
  return `${pinned} ${process.platform} ${process.arch}\n`
}

/** The path of the Node that the set-up has installed, if any. */
function findInstalledNode() {
  try {
    return fs.readFileSync(stamp, 'utf8') === buildStamp() ? getBinaryPath(home) : undefined
  } catch {
    return undefined
  }
}

/** Which part of the set-up is missing, and how to get it: one line. Not `npm start`, whose own set-up may just have failed. */
function formatNotSetUp(missing) {
  return `nodrop: ${missing}. Set it up with: cd ${quoteShellWord(root)} && npm run setup\n`
}

module.exports = {
  requiredMajor,
  pinned,
  root,
  isCheckout,
  home,
  compileCache,
  stamp,
  isNewEnough,
  getPlatformPackage,
  getBinaryPath,
  buildStamp,
  findInstalledNode,
  formatNotSetUp,
}
