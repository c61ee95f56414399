// The published JSON Schema, asked for what the form and the code view need.

import type { Schema } from "./protocol.ts";
import { language, w } from "./words.ts";

export type Kind = "text" | "number" | "date" | "choice" | "prose" | "units";

/** One field as the schema has it. */
export interface Spec {
  key: string;
  kind: Kind;
  required: boolean;
  hint: string;
  choices: string[];
  min?: number;
  max?: number;
}

export class Book {
  constructor(private readonly root: Schema) {}

  /** The schema of a table: `[]` is the issue, `["sections", "articles"]` an article. */
  table(path: string[]): Schema {
    let at = this.root;
    for (const step of path) {
      at = this.follow(at.properties?.[step] ?? {});
      if (at.items) at = this.follow(at.items);
    }
    return at;
  }

  /** The fields of a table that are no tables themselves, in the schema's order. */
  fields(path: string[]): Spec[] {
    const table = this.table(path);
    return Object.entries(table.properties ?? {}).flatMap(([key, written]) => {
      const schema = this.follow(written);
      if (schema.properties || (schema.items && this.follow(schema.items).properties)) return [];
      return [this.spec(key, written, schema, table.required?.includes(key) ?? false)];
    });
  }

  field(path: string[], key: string): Spec {
    const found = this.fields(path).find((spec) => spec.key === key);
    return found ?? { key, kind: "text", required: false, hint: "", choices: [] };
  }

  follow(schema: Schema): Schema {
    const name = schema.$ref?.split("/").at(-1);
    const target = name ? this.root.$defs?.[name] : undefined;
    return target ? { ...target, description: schema.description ?? target.description ?? "" } : schema;
  }

  private spec(key: string, written: Schema, schema: Schema, required: boolean): Spec {
    const spec: Spec = {
      key,
      kind: kind(key, schema),
      required,
      hint: hint(key, written.description ?? ""),
      choices: (schema.oneOf ?? []).map((choice) => choice.const),
    };
    if (schema.minimum !== undefined) spec.min = schema.minimum;
    if (schema.maximum !== undefined) spec.max = schema.maximum;
    return spec;
  }
}

function kind(key: string, schema: Schema): Kind {
  if (schema.oneOf) return "choice";
  if (schema.type === "integer") return "number";
  if (schema.type === "array") return "units";
  if (schema.format === "date") return "date";
  return key === "body" || key === "editors_note" ? "prose" : "text";
}

/** The schema speaks English, with the Chinese term in brackets; in Chinese our own table does. */
function hint(key: string, description: string): string {
  return language() === "zh" ? (w.hints[key] ?? "") : (w.hints[key] ?? description);
}
