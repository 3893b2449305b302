'use strict'
/**
 * `ci-count.cjs <report>…`: sums the reports of one CI run into its last line, `N passed, N failed`, and fails when
 * anything did. A report is what vitest's JSON reporter or check.cjs wrote; one that is missing is a failure.
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
  return { passed: report.numPassedTests, failed: failed === 0 && !report.success ? 1 : failed }
}

const counts = process.argv.slice(2).map(countReport)
const passed = counts.reduce((sum, one) => sum + one.passed, 0)
const failed = counts.reduce((sum, one) => sum + one.failed, 0)
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
