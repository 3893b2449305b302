/** The list of pod fields: which are carried out, kept without effect or refused, and how to ask it. */
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
