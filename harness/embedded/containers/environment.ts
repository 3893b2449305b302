/** A container's environment variables, and the $(VAR) references of its command line. */
import type { ConfigMap, Container } from '../store/objects.ts'
import { extractFieldPathAsString } from './field-ref.ts'
import type { FieldValues } from './field-ref.ts'

export interface EnvironmentSources extends FieldValues {
  configMap: (name: string) => ConfigMap | undefined
}
export interface Variable {
  name: string
  value: string
}
type EnvVar = NonNullable<Container['env']>[number]

/** First `envFrom`, then `env`, where each can refer to earlier ones. Throws when a required source is missing. */
export function makeEnvironmentVariables(container: Container, sources: EnvironmentSources): Variable[] {
  const values = new Map<string, string>()
  for (const from of container.envFrom ?? []) {
    for (const [key, value] of Object.entries(readConfigMapVariables(from, sources))) {
      values.set(`${from.prefix ?? ''}${key}`, value)
    }
  }
  for (const variable of container.env ?? []) {
    const value = getEnvValue(variable, values, sources)
    if (value !== undefined) values.set(variable.name, value)
  }
  return [...values].map(([name, value]) => ({ name, value }))
}

/**
 * Replaces `$(NAME)` by a variable's value and `$$` by `$`; an unknown reference stays unchanged (API reference, Container.args: "If a
 * variable cannot be resolved, the reference in the input string will be unchanged").
 */
export function expandVariables(text: string, lookup: (name: string) => string | undefined): string {
  return text.replaceAll(/\$(?:\$|\(([^()]*)\))/g, (reference, name: string | undefined) =>
    name === undefined ? '$' : (lookup(name) ?? reference),
  )
}

function getEnvValue(variable: EnvVar, known: Map<string, string>, sources: EnvironmentSources): string | undefined {
  const from = variable.valueFrom
  if (!from) return expandVariables(variable.value ?? '', (name) => known.get(name))
  if (from.fieldRef) return extractFieldPathAsString(from.fieldRef.fieldPath, sources)
  if (from.configMapKeyRef) {
    const { name = '', key, optional } = from.configMapKeyRef
    const map = sources.configMap(name)
    const value = map?.data?.[key]
    if (value !== undefined || optional === true) return value
    const where = `${sources.pod.metadata.namespace}/${name}`
    throw new Error(map ? `couldn't find key ${key} in ConfigMap ${where}` : `configmap "${name}" not found`)
  }
  if (from.secretKeyRef) {
    if (from.secretKeyRef.optional === true) return undefined
    throw new Error(`secret "${from.secretKeyRef.name}" not found`)
  }
  throw new Error(`environment variable ${variable.name}: this valueFrom is not supported by the embedded cluster`)
}

function readConfigMapVariables(
  from: NonNullable<Container['envFrom']>[number],
  sources: EnvironmentSources,
): Record<string, string> {
  if (from.configMapRef) {
    const { name = '', optional } = from.configMapRef
    const map = sources.configMap(name)
    if (!map && optional !== true) throw new Error(`configmap "${name}" not found`)
    return map?.data ?? {}
  }
  if (from.secretRef && from.secretRef.optional !== true) {
    throw new Error(`secret "${from.secretRef.name}" not found`)
  }
  return {}
}
