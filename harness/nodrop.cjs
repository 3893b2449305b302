#!/usr/bin/env node
'use strict'
// The command `nodrop`. The only thing done here is to tell an old Node's user what to do, before it meets TypeScript.
const { isNewEnough, requiredMajor } = require('./setup/node-version.cjs')

if (isNewEnough(process.versions.node)) {
  void import('./cli.ts')
} else {
  process.stderr.write(
    `nodrop needs Node ${requiredMajor} or newer and this is Node ${process.versions.node}: in a checkout use npm start, ` +
      `which brings its own, or run npx -y -p node@${requiredMajor} -- nodrop\n`,
  )
  process.exitCode = 3
}
