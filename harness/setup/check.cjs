'use strict'
/**
 * Everything that can be checked without running the product: types, lint, format, dead code. All of it is run even
 * when one part fails; the last line counts.
 */
const { spawnSync } = require('child_process')
const path = require('path')
const { root } = require('./node-version.cjs')

const checks = [
  { title: 'types', tool: 'typescript/bin/tsc', args: ['-p', '.'] },
  { title: 'lint', tool: 'oxlint/bin/oxlint', args: ['--type-aware', '--type-check', '--deny-warnings'] },
  { title: 'format', tool: 'oxfmt/bin/oxfmt', args: ['--check'] },
  { title: 'dead code', tool: 'knip/bin/knip.js', args: ['--no-progress'] },
]

function passes(check) {
  process.stdout.write(`\n== ${check.title}\n`)
  const file = path.join(root, 'node_modules', check.tool)
  const result = spawnSync(process.execPath, [file].concat(check.args), { cwd: root, stdio: 'inherit' })
  if (result.error) process.stderr.write(`cannot run ${file}: ${result.error.message}\n`)
  return result.status === 0
}

const failed = checks.filter((check) => !passes(check)).map((check) => check.title)
if (failed.length > 0) process.stdout.write(`\nFailed: ${failed.join(', ')}\n`)
process.stdout.write(`\nchecks: ${checks.length - failed.length} passed, ${failed.length} failed\n`)
process.exitCode = failed.length === 0 ? 0 : 1
