/**
 * The settings in a folder for `nodrop run` and `nodrop watch`: the content of `nodrop.config.ts` or `nodrop.config.yaml`. The type, the
 * JSON schema and docs/configuration.md are made from this schema.
 */
import { z } from 'zod'
import { managedClusterKinds } from '../../model/cluster-kind.ts'
import { gateKinds, gateNames } from '../../model/gates/gate-kinds.ts'
import { gatesSchema } from '../../model/gates/gate-notation.ts'
import type { VariableReference } from '../../model/load/requests.ts'
import { requestListSchema } from '../request-list.ts'

/** The kinds of workload that can be measured where they run, in kubectl's notation. */
export const targetKinds = ['deployment', 'statefulset', 'daemonset', 'service'] as const

const dnsName = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, 'must be the name of an object')
const dnsLabel = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be the name of a namespace')
const path = z.string().regex(/^\/[!-~]{0,2000}$/, 'must begin with / and have no spaces')
const headerName = z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,200}$/, 'must be the name of a header field')
const text = z.string().min(1)
const names = z.array(text).min(1)

const target = z.strictObject({
  kind: z.enum(targetKinds).describe('Of the object; of a `service` the pods that it selects.'),
  name: dnsName.describe('Of the object.'),
  namespace: dnsLabel.exactOptional().describe('Where it is; without it that of the context, else `default`.'),
  context: text.exactOptional().describe('The context of your kubeconfig; never the current one by default.'),
  path: path
    .exactOptional()
    .describe('What is asked for, with its query; without it the path of the readiness probe, else `/`.'),
  url: z
    .url({ protocol: /^https?$/ })
    .exactOptional()
    .describe('Where the load goes from this machine, in place of the Service from a namespace in the cluster.'),
  podHeader: headerName
    .exactOptional()
    .describe('The header of an answer that names the pod which gave it: losses are then attributed by it.'),
})

const onlyWithoutTarget = ['cluster', 'manifests', 'configurations'] as const

export const configSchema = z
  .strictObject({
    target: target
      .exactOptional()
      .describe('A workload that runs already, measured as it is. Without it nodrop deploys what `manifests` has.'),
    cluster: z
      .enum(['auto', ...managedClusterKinds])
      .exactOptional()
      .describe('Without a target: where to deploy; `auto`, the default, is kind where it is usable.'),
    manifests: text
      .exactOptional()
      .describe("Without a target: the folder with `base/` and the configurations; without it nodrop's own."),
    configurations: names
      .exactOptional()
      .describe('Without a target: the configurations to compare, by their names; without it all.'),
    scenarios: names
      .exactOptional()
      .describe('What is done to the pods, by name (`nodrop list`). A command after `--` is run in their place.'),
    scenarioFolder: text.exactOptional().describe("The folder with the scenarios; without it nodrop's own."),
    requests: requestListSchema
      .exactOptional()
      .describe(
        'What is asked for, in place of what the scenarios ask for; the keys of each are in [scenarios.md](scenarios.md).',
      ),
    rate: z
      .number()
      .positive()
      .max(100_000)
      .exactOptional()
      .describe('Requests per second; a target gets more than 50 only where this says so.'),
    rounds: z.int().min(1).max(10_000).exactOptional().describe('How often each configuration is disrupted.'),
    driverImage: z
      .string()
      .regex(/^[a-z0-9][a-zA-Z0-9._:/@-]{0,500}$/, 'must be like node:24-slim')
      .exactOptional()
      .describe('The image of the pods that send the load, any with Node 24 as `node` in its path.'),
    imageRegistry: z
      .string()
      .regex(
        /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/,
        'must be like registry.example/team',
      )
      .exactOptional()
      .describe("Where the cluster's nodes pull nodrop's own images from."),
    gates: gatesSchema
      .exactOptional()
      .describe(
        'Limits that every run must keep, else the exit code is 1. Without one for lost requests, `lost` is 0.',
      ),
  })
  .superRefine((config, context) => {
    if (config.target === undefined) return
    for (const key of onlyWithoutTarget) {
      if (config[key] === undefined) continue
      context.addIssue({
        code: 'custom',
        path: [key],
        message: 'has no meaning with a target, which is measured as it runs',
      })
    }
  })

export type Config = z.infer<typeof configSchema>

/** Returns its argument, so that an editor knows its type. */
export function defineConfig(config: Config): Config {
  return config
}

/** A value that is in no file: the environment variable of this name, read when the run begins, after a prefix like `Bearer `. */
export function env(name: string, prefix?: string): VariableReference {
  return { env: name, ...(prefix !== undefined && { prefix }) }
}

/** For editors: draft 7, which all of them know. */
export function buildConfigJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input' })
  const { gates, ...properties } = schema.properties ?? {}
  return {
    $schema,
    title: 'nodrop.config.yaml',
    ...schema,
    properties: { ...properties, gates: { ...(gates as object), ...selectedGates } },
  }
}

/** Narrowed gates, like `p99Ms{phase:during}`, which zod cannot express. */
const selectedGates = {
  patternProperties: Object.fromEntries(
    gateNames
      .filter((name) => gateKinds[name].selectors.length > 0)
      .map((name) => [
        `^${name}\\{((${gateKinds[name].selectors.join('|')}):[a-z-]+,?)+\\}$`,
        { $ref: `#/properties/gates/properties/${name}` },
      ]),
  ),
  additionalProperties: false,
}
