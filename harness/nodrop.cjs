#!/usr/bin/env node
'use strict'
// The command `nodrop`: in a checkout it hands over to the Node that the set-up has brought where this one is too old to parse
// TypeScript; in the package, which has JavaScript, it needs a Node of its own.
const { compileCache, isCheckout, isNewEnough, formatNotSetUp, requiredMajor } = require('./setup/node-version.cjs')

if (isNewEnough(process.versions.node)) {
  // Half of the time until anything can be done went into compiling.
  // Where its directory cannot be written, Node goes on without one.
  if (compileCache) require('module').enableCompileCache(compileCache)
  import(isCheckout ? './cli/cli.ts' : '../dist/harness/cli/cli.js').catch((error) => {
    // A checkout without its packages.
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !/Cannot find package/.test(error.message)) throw error
    process.stderr.write(formatNotSetUp(`its npm packages are not all installed (${error.message})`))
    process.exitCode = 3
  })
} else if (isCheckout) {
  require('./setup/node24.cjs').runWithNode24([__filename].concat(process.argv.slice(2)))
} else {
  process.stderr.write(`nodrop: needs Node ${requiredMajor} or newer, and this is Node ${process.versions.node}\n`)
  process.exitCode = 3
}
