#!/usr/bin/env node
'use strict'
// The command `nodrop`: tells an old Node's user what to do, before it meets TypeScript, and a new one to keep what it compiles.
const path = require('path')
const { isNewEnough, requiredMajor } = require('./setup/node-version.cjs')

if (isNewEnough(process.versions.node)) {
  // Half of the time until anything can be done went into compiling.
  require('module').enableCompileCache(path.join(__dirname, '../.cache/compile'))
  void import('./cli.ts')
} else {
  process.stderr.write(
    `nodrop needs Node ${requiredMajor} or newer and this is Node ${process.versions.node}: in a checkout use npm start, ` +
      `which brings its own, or run npx -y -p node@${requiredMajor} -- nodrop\n`,
  )
  process.exitCode = 3
}
