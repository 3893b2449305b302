'use strict'
/**
 * `ci-count.cjs <report>…`: sums the reports of one CI run into its last line, `N passed, N failed`, and fails when
 * anything did. A report is what vitest's JSON reporter or check.cjs wrote; one that is missing is a failure. What failed
 * is named before the last line: of a long output often only the end is kept.
 */
const fs = require('fs')

function countReport(file) {
  let report
  try {
    report = JSON.parse(fs.readFileSync(file, 'utf8'))
  } catch (error) {
    process.stdout.write(`no report in ${file}: ${error.message}\n`)
    return { passed: 0, failed: 1 }
  }
  // A test file that cannot even be loaded has no test in it that could fail.
  const broken = (report.testResults || []).filter(
    (result) => result.status === 'failed' && !result.assertionResults.some((one) => one.status === 'failed'),
  )
  const failed = report.numFailedTests + broken.length
  for (const result of report.testResults || []) {
    for (const one of result.assertionResults.filter(({ status }) => status === 'failed')) {
      printFailure(result.name, one.fullName, one.failureMessages)
    }
  }
  for (const result of broken) printFailure(result.name, 'the file as a whole', [result.message])
  if (failed === 0 && !report.success) printFailure(file, 'no test failed, and yet the run did', [])
  return { passed: report.numPassedTests, failed: failed === 0 && !report.success ? 1 : failed }
}

function printFailure(file, title, messages) {
  const lines = String((messages || [])[0] || '').split('\n')
  process.stdout.write(
    [`FAILED ${file}`, `  ${title}`, ...lines.slice(0, 12).map((line) => `  ${line}`), ''].join('\n'),
  )
}

const counts = process.argv.slice(2).map(countReport)
const passed = counts.reduce((sum, one) => sum + one.passed, 0)
const failed = counts.reduce((sum, one) => sum + one.failed, 0)
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
