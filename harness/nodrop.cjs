#!/usr/bin/env node
'use strict'
// The command `nodrop`: hands over to the Node that the set-up has brought where this one is too old to parse TypeScript.
const { compileCache, isNewEnough, formatNotSetUp } = require('./setup/node-version.cjs')

if (isNewEnough(process.versions.node)) {
  // Half of the time until anything can be done went into compiling.
  require('module').enableCompileCache(compileCache)
  import('./cli/cli.ts').catch((error) => {
    // A checkout without its packages.
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !/Cannot find package/.test(error.message)) throw error
    process.stderr.write(formatNotSetUp(`its npm packages are not all installed (${error.message})`))
    process.exitCode = 3
  })
} else require('./setup/node24.cjs').runWithNode24([__filename].concat(process.argv.slice(2)))
