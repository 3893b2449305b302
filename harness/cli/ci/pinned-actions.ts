/** The actions that workflows use, each by the digest of its commit: a tag can be moved, a commit cannot. */
export const pinnedActions = {
  'actions/checkout': 'actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2',
  'actions/setup-node': 'actions/setup-node@a0853c24544627f65ddf259abe73b1d18a591444 # v5.0.0',
  'actions/cache/restore': 'actions/cache/restore@a7833574556fa59680c1b7cb190c1735db73ebf0 # v5.0.0',
  'actions/cache/save': 'actions/cache/save@a7833574556fa59680c1b7cb190c1735db73ebf0 # v5.0.0',
  'actions/upload-artifact': 'actions/upload-artifact@b7c566a772e6b6bfb58ed0dc250532a479d7789f # v6.0.0',
  'actions/download-artifact': 'actions/download-artifact@37930b1c2abaa49bbe596cd826c3c89aef350131 # v7.0.0',
} as const

/** Go's checksum database guarantees that the module is the published one. */
export const kindVersion = 'v0.30.0'
