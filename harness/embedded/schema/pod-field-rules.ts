/** How the embedded cluster treats a field of a pod's spec, and the consequences for a given spec. */

/** `enforced`: has its effect. `kept`: stored and shown, without effect. `refused`: a pod that sets it is not accepted. */
export type Treatment = 'enforced' | 'kept' | 'refused'
export type FieldValue = string | number | boolean

export interface FieldRule {
  treatment: Treatment
  /** Enforced: how, unless that is obvious. Kept: what does not happen. Refused: why, and what to do. */
  note: string
  /** Only these are accepted; for a list, as elements. For a refused field, the values without effect. */
  only?: readonly FieldValue[]
  /** For a kept field: values that request nothing beyond the usual behaviour. */
  usual?: readonly FieldValue[]
  /** The fields inside, each with its own rule. */
  fields?: FieldTable
  /** The rule covers everything inside. */
  whole?: true
}
export type FieldTable = Readonly<Record<string, FieldRule>>

export function enforcedField(says = '', only?: readonly FieldValue[]): FieldRule {
  return { treatment: 'enforced', note: says, ...(only && { only }) }
}

/** Enforced with everything inside. */
export function enforcedSubtree(says = ''): FieldRule {
  return { treatment: 'enforced', note: says, whole: true }
}

/** Each field inside has its own rule. */
export function nestedFields(fields: FieldTable, says = ''): FieldRule {
  return { treatment: 'enforced', note: says, fields }
}

export function keptField(says: string, { only, usual }: Pick<FieldRule, 'only' | 'usual'> = {}): FieldRule {
  return { treatment: 'kept', note: says, whole: true, ...(only && { only }), ...(usual && { usual }) }
}

export function refusedField(says: string, only: readonly FieldValue[] = []): FieldRule {
  return { treatment: 'refused', note: says, only, whole: true }
}

/** A field of a given object. */
export interface FoundField {
  /** `spec.containers[0].tty`. */
  path: string
  note: string
  /** The values that would be accepted. */
  only: readonly FieldValue[]
}

/** Fields for which the object cannot be accepted, in the table's order. */
export function findRefusedFields(object: unknown, table: FieldTable, path: string): FoundField[] {
  return visitFields(object, table, path, ({ only, note }, value, at) => {
    if (!only) return []
    const values: readonly unknown[] = Array.isArray(value) && value.length > 0 ? value : [value]
    return values.flatMap((one, index) =>
      (only as readonly unknown[]).includes(one)
        ? []
        : [{ path: values === value ? `${at}[${index}]` : at, note, only }],
    )
  })
}

/** Fields that the object sets without effect, in the table's order. */
export function findKeptFields(object: unknown, table: FieldTable, path: string): FoundField[] {
  return visitFields(object, table, path, ({ treatment, note, usual = [] }, value, at) => {
    const asksNothing = (usual as readonly unknown[]).includes(value) || isEmpty(value)
    return treatment === 'kept' && !asksNothing ? [{ path: at, note, only: [] }] : []
  })
}

/** Every field with this treatment, once for each table that contains it: `containers.resources.limits`. */
export function listFieldsByTreatment(treatment: Treatment, table: FieldTable): { path: string; says: string }[] {
  const known = new Set<FieldTable>()
  const collectFields = (fields: FieldTable, path: string): { path: string; says: string }[] => {
    if (known.has(fields)) return []
    known.add(fields)
    return Object.entries(fields).flatMap(([name, rule]) => {
      const at = path === '' ? name : `${path}.${name}`
      if (rule.fields) return collectFields(rule.fields, at)
      return rule.treatment === treatment ? [{ path: at, says: rule.note }] : []
    })
  }
  return collectFields(table, '')
}

function visitFields(
  object: unknown,
  table: FieldTable,
  path: string,
  look: (rule: FieldRule, value: unknown, at: string) => FoundField[],
): FoundField[] {
  if (!isObject(object)) return []
  return Object.entries(table).flatMap(([name, rule]) => {
    const value = Object.hasOwn(object, name) ? object[name] : undefined
    if (value === undefined || value === null) return []
    const at = `${path}.${name}`
    const { fields } = rule
    if (!fields) return look(rule, value, at)
    if (!Array.isArray(value)) return visitFields(value, fields, at, look)
    return value.flatMap((one: unknown, index) => visitFields(one, fields, `${at}[${index}]`, look))
  })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
