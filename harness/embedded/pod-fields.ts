/** The list of pod fields, and functions to look up which are enforced, kept without effect or refused. */
export { podFields } from './schema/pod-fields.ts'
export {
  enforcedField,
  findKeptFields,
  findRefusedFields,
  keptField,
  listFieldsByTreatment,
  nestedFields,
  refusedField,
} from './schema/pod-field-rules.ts'
export type { FieldRule, FieldTable, FoundField, Treatment } from './schema/pod-field-rules.ts'
