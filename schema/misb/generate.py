#!/usr/bin/env python3
"""Writes the C++ and TypeScript tables that are made from schema/misb/st0601.json and schema/frame_message.json.

    generate.py --cpp DIR          st0601_rows.hpp, st0601_rows.cpp, frame_message.hpp
    generate.py --typescript DIR   st0601.ts, frame_message.ts

The input is checked first; what breaks a rule is named and nothing is written. Standard library only.
"""

import argparse
import json
import pathlib
import sys

sys.dont_write_bytecode = True  # nothing is to appear beside the sources

from cpp import cpp_frame_message, cpp_rows_header, cpp_rows_source
from rules import BadInput, check_frame_message, check_st0601
from typescript import ts_frame_message, ts_st0601

SCHEMA = pathlib.Path(__file__).resolve().parent.parent


def write(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding='utf-8') != text:
            path.write_text(text, encoding='utf-8')


def main():
    parser = argparse.ArgumentParser(description='Makes C++ and TypeScript tables from schema/.')
    parser.add_argument('--cpp', type=pathlib.Path, metavar='DIR', help='where the C++ files go')
    parser.add_argument('--typescript', type=pathlib.Path, metavar='DIR', help='where the TypeScript files go')
    parser.add_argument('--schema', type=pathlib.Path, default=SCHEMA, metavar='DIR', help='the schema folder')
    arguments = parser.parse_args()
    try:
        table = json.loads((arguments.schema / 'misb' / 'st0601.json').read_text(encoding='utf-8'))
        message = json.loads((arguments.schema / 'frame_message.json').read_text(encoding='utf-8'))
        check_st0601(table)
        check_frame_message(message)
    except (OSError, ValueError, KeyError, TypeError, BadInput) as error:
        sys.exit(f'generate.py: {type(error).__name__ if isinstance(error, (KeyError, TypeError)) else "refused"}: {error}')
    if arguments.cpp:
        write(arguments.cpp, {'st0601_rows.hpp': cpp_rows_header(table), 'st0601_rows.cpp': cpp_rows_source(table),
                              'frame_message.hpp': cpp_frame_message(message)})
    if arguments.typescript:
        write(arguments.typescript, {'st0601.ts': ts_st0601(table), 'frame_message.ts': ts_frame_message(message)})


if __name__ == '__main__':
    main()
