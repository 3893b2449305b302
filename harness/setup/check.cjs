'use strict'
/**
 * Everything that can be checked without running the product: types, lint, format, dead code. All of it is run even
 * when one part fails; the last line counts.
 */
const { spawnSync } = require('child_process')
const fs = require('fs')
const path = require('path')
const { root } = require('./node-version.cjs')

const checks = [
  { title: 'types', tool: 'typescript/bin/tsc', args: ['-p', '.'] },
  { title: 'lint', tool: 'oxlint/bin/oxlint', args: ['--type-aware', '--type-check', '--deny-warnings'] },
  { title: 'format', tool: 'oxfmt/bin/oxfmt', args: ['--check'] },
  { title: 'dead code', tool: 'knip/bin/knip.js', args: ['--no-progress'] },
]

function runCheck(check) {
  process.stdout.write(`\n== ${check.title}\n`)
  const file = path.join(root, 'node_modules', check.tool)
  const result = spawnSync(process.execPath, [file].concat(check.args), { cwd: root, stdio: 'inherit' })
  if (result.error) process.stderr.write(`cannot run ${file}: ${result.error.message}\n`)
  return result.status === 0
}

/** As vitest's JSON reporter does, as far as ci-count.cjs reads it. */
function writeReport(file, failed) {
  const success = failed.length === 0
  const assertionResults = failed.map((title) => ({ status: 'failed', fullName: title, failureMessages: [] }))
  const testResults = [{ name: 'npm run check', status: success ? 'passed' : 'failed', assertionResults }]
  const counts = { numPassedTests: checks.length - failed.length, numFailedTests: failed.length, success, testResults }
  fs.writeFileSync(file, `${JSON.stringify(counts)}\n`)
}

const failed = checks.filter((check) => !runCheck(check)).map((check) => check.title)
if (process.argv[2] === '--report') writeReport(process.argv[3], failed)
const titles = failed.length > 0 ? ` (${failed.join(', ')})` : ''
process.stdout.write(`\nchecks: ${checks.length - failed.length} passed, ${failed.length} failed${titles}\n`)
process.exitCode = failed.length === 0 ? 0 : 1
