"""TypeScript from the checked tables: rows and types, and the frame message's reader."""

import json

from rules import BLENDS, SPECIALS, WIRES, is_bits, pascal, resolution


def ts_union(names):
    return ' | '.join(f"'{name}'" for name in names)


def ts_row(row):
    parts = {'tag': row['tag'], 'name': row['name'], 'key': row['key'], 'wire': row['wire'], 'minLength': row['min_length'],
             'maxLength': row['max_length'], 'min': row.get('min', 0), 'max': row.get('max', 0), 'unit': row['unit'],
             'resolution': resolution(row), 'special': row.get('special', 'none'), 'blend': row['blend'],
             'repeats': row.get('repeats', False)}
    for member in ('enum', 'bits'):
        if member in row:
            parts['names' if member == 'enum' else 'bits'] = {int(code): name for code, name in row[member].items()}
    for bound in ('min', 'max'):
        if abs(parts[bound]) > 2 ** 53:
            parts[bound] = float(parts[bound])
    return '  ' + json.dumps(parts) + ','


def ts_st0601(table):
    rows = table['rows']
    key_bytes = ', '.join('0x' + table['key'][i:i + 2] for i in range(0, 32, 2))
    return f'''// Rows of ST 0601, made from schema/misb/st0601.json. Do not edit.

export type Wire = {ts_union(WIRES)};
export type Blend = {ts_union(BLENDS)};
export type RowSpecial = {ts_union(SPECIALS)};

export type St0601Key =
{chr(10).join(f"  | '{row['key']}'" for row in rows)};

export interface St0601Row {{
  readonly tag: number;
  readonly name: string;
  readonly key: St0601Key;
  readonly wire: Wire;
  /** Bytes. */
  readonly minLength: number;
  /** Bytes; 255: as long as BER allows. */
  readonly maxLength: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly resolution: number;
  /** What the code 0x80.. means. */
  readonly special: RowSpecial;
  readonly blend: Blend;
  /** May stand more than once in a packet. */
  readonly repeats: boolean;
  /** Names of an enumeration's codes. */
  readonly names?: Readonly<Record<number, string>>;
  /** Names of a flag item's bits, 0 the least significant. */
  readonly bits?: Readonly<Record<number, string>>;
}}

export const st0601Version = {table['version']};
export const st0601UniversalLabel: readonly number[] = [{key_bytes}];

/** Row of tag N at N - 1. */
export const st0601Rows: readonly St0601Row[] = [
{chr(10).join(ts_row(row) for row in rows)}
];
'''


TS_READ = {'u8': 'getUint8({0})', 'u16': 'getUint16({0})', 'u32': 'getUint32({0})', 'f32': 'getFloat32({0})',
           'u64': 'getBigUint64({0})'}


def camel(name):
    head, *rest = name.split('_')
    return head + ''.join(part.capitalize() for part in rest)


def ts_field_type(field):
    if 'enum' in field and not is_bits(field):
        return f"Frame{pascal(field['name'])}"
    return 'number'


def ts_frame_message(message):
    fields = message['fields']
    enums, members, reads = [], [], []
    for field in fields:
        if is_bits(field):
            enums += [f"/** Bit of `flags`. */\nexport const frame{pascal(name)} = {value};" for name, value in field['enum'].items()]
        elif 'enum' in field:
            enums.append(f"/** {field['doc']} */\nexport type {ts_field_type(field)} = {ts_union(field['enum'])};")
            names = {value: name for name, value in field['enum'].items()}
            enums.append(f"const {camel(field['name'])}s: readonly {ts_field_type(field)}[] = "
                         f"{json.dumps([names[i] for i in range(max(names) + 1)])};")
        members.append(f"  /** {field['doc']} */\n  readonly {camel(field['name'])}: {ts_field_type(field)};")
        read = 'view.' + TS_READ[field['type']].format(field['offset'])
        if field['type'] == 'u64':
            read = f'Number({read})'
        if 'enum' in field and not is_bits(field):
            read = f"{camel(field['name'])}s[{read}]"
        reads.append((field, read))
    locals_ = '\n'.join(f"  const {camel(field['name'])} = {read};" for field, read in reads)
    checks = ' || '.join(['version !== frameMessageVersion'] +
                         [f"{camel(f['name'])} === undefined" for f in fields if 'enum' in f and not is_bits(f)] +
                         ['frameMessageHeaderBytes + klvBytes > message.byteLength'])
    nl = '\n'
    return f'''// Messages of the data channel 'frames', made from schema/frame_message.json. Do not edit.

export const frameMessageVersion = {message['version']};
export const frameMessageHeaderBytes = {message['header_bytes']};

{nl.join(enums)}

export interface FrameMessage {{
{nl.join(members)}
  /** The frame's ST 0601 packet, a view into the message; empty when the frame has no metadata. */
  readonly klv: Uint8Array;
}}

/** The message, or null when it is cut short, of another version, or names a method that is not known. */
export function decodeFrameMessage(message: ArrayBuffer): FrameMessage | null {{
  if (message.byteLength < frameMessageHeaderBytes) {{
    return null;
  }}
  const view = new DataView(message);
{locals_}
  if ({checks}) {{
    return null;
  }}
  const klv = new Uint8Array(message, frameMessageHeaderBytes, klvBytes);
  return {{ {', '.join(camel(field['name']) for field in fields)}, klv }};
}}
'''
