/** `npm run documents`: writes what is made from the code. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { claims } from '../analyse/claims/claims.ts'
import { casesIn, renderClaimsPage } from './claims-page.ts'

const root = join(import.meta.dirname, '..', '..')
const cases = casesIn(readFileSync(join(root, 'harness', 'analyse', 'claims', 'claims.test.ts'), 'utf8'))
writeFileSync(join(root, 'docs', 'claims.md'), renderClaimsPage(claims, cases))
