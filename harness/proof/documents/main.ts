/** `npm run documents`: writes the documents that are made from the code. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { claims } from '../../judge/claims/claims.ts'
import { writeDurably } from '../../base/files/durable-file.ts'
import { podFields } from '@nodrop/embedded-kubernetes/pod-fields'
import { readToolOptions } from '../../terminal/npm/tool-options.ts'
import { collectCases, renderClaimsPage } from './claims-page.ts'
import { buildConfigJsonSchema } from '../../plan/config/config-schema.ts'
import { renderConfigurationPage } from './configuration-page.ts'
import { renderPodFieldsPage } from './pod-fields-page.ts'
import { renderServerLogsPage } from './server-logs-page.ts'

readToolOptions({ name: 'documents', does: 'writes the pages of docs/ that are made from the code', options: {} })

const root = join(import.meta.dirname, '../../..')
const cases = collectCases(readFileSync(join(root, 'harness', 'judge', 'claims', 'claims.test.ts'), 'utf8'))
writeDurably(join(root, 'docs', 'claims.md'), renderClaimsPage(claims, cases), 0o644)
writeDurably(join(root, 'docs', 'pod-fields.md'), renderPodFieldsPage(podFields), 0o644)
writeDurably(join(root, 'docs', 'configuration.md'), renderConfigurationPage(buildConfigJsonSchema()), 0o644)
writeDurably(join(root, 'docs', 'server-logs.md'), renderServerLogsPage(), 0o644)
