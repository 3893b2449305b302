'use strict'
/** `npm pack` runs this first, with whatever Node npm runs with: what it needs is Node 24. */
const path = require('path')
const { runWithNode24 } = require('./node24.cjs')

runWithNode24([path.join(__dirname, 'bundle-package.mjs')])
