/** The label of a group of buttons stays a label. Field of Grafana before 13.2 does not know the property, and needs none. */
export const WITHOUT_FIELDSET = { useFieldset: false };
