/** What GitHub would refuse, with the status and the words it would use. */
export class Refusal extends Error {
  readonly status: number;
  readonly errors: readonly Readonly<Record<string, unknown>>[] | undefined;

  constructor(status: number, message: string, errors?: readonly Readonly<Record<string, unknown>>[]) {
    super(message);
    this.name = "Refusal";
    this.status = status;
    this.errors = errors;
  }
}

export function notFound(): Refusal {
  return new Refusal(404, "Not Found");
}

/** 422 with the reason in `errors`, as GitHub tells what is wrong with a field. */
export function invalid(resource: string, field: string, message: string): Refusal {
  return new Refusal(422, "Validation Failed", [{ resource, field, code: "custom", message }]);
}
