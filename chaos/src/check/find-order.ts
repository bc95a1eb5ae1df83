import type { Answer } from '../journal.ts';

/** A call of a client on one trial. It took effect at one moment between its start and its end. */
export interface Call {
  operation: Answer['operation'];
  answer: string;
  attempt: string | null;
  value: number | null;
  /** Time of the request and of its answer, on one clock; without an answer, the end is infinite. */
  start: number;
  end: number;
}

/** What clients can know of a trial: which attempt may report, and what was reported. */
interface Model {
  holder: string | null;
  /** Attempts that can never report again. */
  closed: readonly string[];
  result: { attempt: string | null; value: number | null } | null;
}

const start: Model = { holder: null, closed: [], result: null };

/**
 * Returns an order of the calls that a single trial, handled by one process without faults, would have answered in the
 * same way, and in which no call comes before one that had been answered when it began (linearizability, Herlihy and
 * Wing 1990). Returns null if there is none. The search is that of Wing and Gong, with the states that it has seen left
 * out, as in Porcupine.
 */
export function findOrder(calls: readonly Call[]): Call[] | null {
  const seen = new Set<string>();
  const order: Call[] = [];
  const search = (left: readonly Call[], model: Model): boolean => {
    if (left.every(({ end }) => end === Infinity)) return true;
    const key = `${left.map((one) => calls.indexOf(one)).join()} ${JSON.stringify(model)}`;
    if (seen.has(key)) return false;
    seen.add(key);
    const firstEnd = Math.min(...left.map(({ end }) => end));
    for (const next of left.filter((one) => one.start <= firstEnd)) {
      for (const after of apply(model, next)) {
        order.push(next);
        const rest = left.filter((one) => one !== next);
        if (search(rest, after)) return true;
        order.pop();
      }
    }
    return false;
  };
  return search(calls, start) ? order : null;
}

/** Returns the states after which the trial gives this answer. A lease may run out, and another attempt may start. */
function apply(model: Model, call: Call): Model[] {
  const { operation, answer, attempt, value } = call;
  if (answer === 'unknown') return [model, ...applyAny(model, call)];
  switch (`${operation} ${answer}`) {
    case 'ask trial':
      return canHold(model, attempt) ? [{ ...model, holder: attempt }] : [];
    case 'tell reported':
    case 'tell already':
      return report(model, attempt, value);
    case 'tell conflict':
      return model.result?.attempt === attempt && model.result.value !== value ? [model] : [];
    case 'tell stale':
      return model.result?.attempt === attempt ? [] : [close(model, attempt)];
    case 'fail failed':
    case 'fail retry':
    case 'release released':
      return model.result === null ? [close(model, attempt)] : [];
    case 'read complete':
      return model.result?.value === value ? [model] : [];
    case 'read pending':
    case 'read running':
      return model.result === null ? [model] : [];
    default:
      return [model];
  }
}

/** The states after a request that may have been carried out. */
function applyAny(model: Model, { operation, attempt, value }: Call): Model[] {
  if (operation === 'ask') return canHold(model, attempt) ? [{ ...model, holder: attempt }] : [];
  if (operation === 'tell') return report(model, attempt, value);
  return operation === 'fail' || operation === 'release' ? [close(model, attempt)] : [];
}

function canHold({ closed, result }: Model, attempt: string | null): boolean {
  return result === null && !closed.includes(attempt!);
}

function report(model: Model, attempt: string | null, value: number | null): Model[] {
  const { holder, closed, result } = model;
  if (result !== null) return result.attempt === attempt && result.value === value ? [model] : [];
  return holder === attempt && !closed.includes(attempt!) ? [{ ...model, result: { attempt, value } }] : [];
}

function close(model: Model, attempt: string | null): Model {
  const closed = model.closed.includes(attempt!) ? model.closed : [...model.closed, attempt!].sort();
  return { ...model, closed };
}
