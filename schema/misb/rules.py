"""What st0601.json and frame_message.json must keep to, and what both generators know of them."""

import math
import re

INTEGERS = ('uint_fixed', 'sint_fixed', 'uint_var', 'sint_var')
LINEAR = ('lin_unsigned', 'lin_signed')
WIRES = INTEGERS + LINEAR + ('imapb', 'utf8', 'raw')
BLENDS = ('hold', 'instant', 'linear', 'wrap_360', 'wrap_180')
SPECIALS = ('none', 'out_of_range', 'error', 'off_earth')
ROW_MEMBERS = {'tag', 'name', 'key', 'wire', 'min_length', 'max_length', 'write_length', 'min', 'max', 'unit', 'resolution',
               'special', 'blend', 'repeats', 'mandatory', 'enum', 'bits', 'layout'}
FIELD_SIZES = {'u8': 1, 'u16': 2, 'u32': 4, 'u64': 8, 'f32': 4}


class BadInput(Exception):
    """A rule of the input files is broken; the text says which and where."""


def need(condition, where, rule):
    if not condition:
        raise BadInput(f'{where}: {rule}')


def resolution(row):
    """The step between two codes at write_length, in the row's unit; 0 where there is none."""
    wire, low, high, bits = row['wire'], row.get('min'), row.get('max'), 8 * row['write_length']
    if wire in INTEGERS:
        return 1.0
    if wire == 'lin_unsigned':
        return (high - low) / (2 ** bits - 1)
    if wire == 'lin_signed':
        return high / (2 ** (bits - 1) - 1)
    if wire == 'imapb':
        return 2.0 ** (math.ceil(math.log2(high - low)) - (bits - 1))
    return 0.0


def check_range(row, where):
    if row['wire'] in ('utf8', 'raw'):
        need('min' not in row and 'max' not in row and 'resolution' not in row, where, 'text and raw rows have no range')
        return
    need(isinstance(row.get('min'), (int, float)) and isinstance(row.get('max'), (int, float)), where, 'min and max are wanted')
    need(row['min'] < row['max'], where, 'min lies below max')
    bits = 8 * row['max_length']
    if row['wire'] in INTEGERS:
        low, high = (0, 2 ** bits - 1) if row['wire'].startswith('uint') else (-2 ** (bits - 1), 2 ** (bits - 1) - 1)
        need(low <= row['min'] and row['max'] <= high, where, f'min..max does not fit {row["max_length"]} bytes')
    if row['wire'] == 'lin_signed':
        need(row['min'] == -row['max'], where, 'a lin_signed range is -R..R')
        need(row.get('special', 'none') != 'none', where, 'a lin_signed row says what its special code means')
    stated, real = row.get('resolution'), resolution(row)
    need(stated is not None and abs(stated - real) <= 1e-3 * real, where, f'resolution is {real:.4g}, not {stated}')


def check_row(row, position):
    where = f'st0601.json, row {position} (tag {row.get("tag")})'
    need(set(row) <= ROW_MEMBERS, where, f'unknown members {sorted(set(row) - ROW_MEMBERS)}')
    need(row.get('tag') == position, where, f'tags run from 1 without a hole; {position} is wanted here')
    for member in ('name', 'key', 'wire', 'min_length', 'max_length', 'write_length', 'unit', 'blend'):
        need(member in row, where, f"'{member}' is missing")
    need(re.fullmatch(r'[a-z][a-z0-9]*(_[a-z0-9]+)*', row['key']), where, f"key '{row['key']}' is not snake_case")
    need(row['wire'] in WIRES, where, f"wire is one of {', '.join(WIRES)}")
    need(row['blend'] in BLENDS, where, f"blend is one of {', '.join(BLENDS)}")
    need(row.get('special', 'none') in SPECIALS, where, f"special is one of {', '.join(SPECIALS)}")
    need(row['wire'] == 'lin_signed' or 'special' not in row, where, 'only lin_signed rows have a special code')
    need(0 <= row['min_length'] <= row['write_length'] <= row['max_length'] <= 255, where,
         'lengths run min_length <= write_length <= max_length <= 255')
    numeric = row['wire'] not in ('utf8', 'raw')
    need(not numeric or 1 <= row['min_length'] <= row['max_length'] <= 8, where, 'a numeric item has 1 to 8 bytes')
    need(row['blend'] in ('hold', 'instant') or numeric, where, 'only numbers are blended')
    if row['wire'] in LINEAR or row['wire'].endswith('_fixed'):
        need(row['min_length'] == row['max_length'], where, 'a row of fixed length has one length')
    for member in ('enum', 'bits'):
        names = row.get(member, {})
        need(all(code.isdigit() for code in names), where, f'{member} maps numbers to names')
        need(len(set(names.values())) == len(names), where, f'{member} has a name twice')
    check_range(row, where)


def check_st0601(table):
    need(re.fullmatch(r'[0-9a-f]{32}', table.get('key', '')), 'st0601.json', "'key' is 16 bytes in hexadecimal")
    need(isinstance(table.get('version'), int), 'st0601.json', "'version' is a whole number")
    for position, row in enumerate(table['rows'], start=1):
        check_row(row, position)
    need(len(table['rows']) == 143, 'st0601.json', 'rows for the tags 1 to 143 are wanted')
    keys = [row['key'] for row in table['rows']]
    need(len(set(keys)) == len(keys), 'st0601.json', f'keys twice: {sorted({k for k in keys if keys.count(k) > 1})}')


def check_frame_message(message):
    offset = 0
    for field in message['fields']:
        where = f"frame_message.json, field '{field.get('name')}'"
        need(field.get('type') in FIELD_SIZES, where, f"type is one of {', '.join(FIELD_SIZES)}")
        need(field.get('offset') == offset, where, f'offset is {offset}: fields follow each other without a hole')
        need(field.get('doc'), where, "'doc' is missing")
        offset += FIELD_SIZES[field['type']]
    need(offset == message['header_bytes'], 'frame_message.json', f'header_bytes is {offset}')
    names = [field['name'] for field in message['fields']]
    need(names[0] == 'version' and 'klv_bytes' in names, 'frame_message.json', "'version' comes first and 'klv_bytes' is there")


def pascal(name):
    return ''.join(part.capitalize() for part in name.split('_'))


def is_bits(field):
    return field['name'] == 'flags'
