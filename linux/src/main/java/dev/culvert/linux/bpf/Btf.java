// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The types of an object file; see the kernel's Documentation/bpf/btf.rst. */
final class Btf {
  private static final int MAGIC = 0xeb9f;
  private static final int POINTER_SIZE = 8;
  private static final int MAX_DEPTH = 32;

  static final int INT = 1;
  static final int PTR = 2;
  static final int ARRAY = 3;
  static final int STRUCT = 4;
  static final int UNION = 5;
  static final int ENUM = 6;
  static final int TYPEDEF = 8;
  static final int VOLATILE = 9;
  static final int CONST = 10;
  static final int RESTRICT = 11;
  static final int FUNC_PROTO = 13;
  static final int VAR = 14;
  static final int DATASEC = 15;
  static final int DECL_TAG = 17;
  static final int TYPE_TAG = 18;
  static final int ENUM64 = 19;

  /**
   * One type.
   *
   * @param sizeOrType bytes, or the id of the type that it refers to, by kind
   * @param data what follows the fixed part: members, array bounds, variables
   */
  record Type(String name, int kind, int count, int sizeOrType, ByteView data) {}

  record Member(String name, int type) {}

  private final List<Type> types = new ArrayList<>();
  private final ByteView strings;

  private Btf(ByteView section) throws MalformedObjectException {
    if (section.u16(0) != MAGIC) {
      throw new MalformedObjectException("section .BTF has no BTF header");
    }
    int header = section.u31(4);
    ByteView records =
        section.part((long) header + section.u31(8), section.u31(12), "the BTF types");
    strings = section.part((long) header + section.u31(16), section.u31(20), "the BTF strings");
    types.add(new Type("void", 0, 0, 0, records.part(0, 0, "void")));
    for (int at = 0; at < records.size(); ) {
      Type type = read(records, at);
      types.add(type);
      at += 12 + type.data().size();
    }
  }

  static Btf read(ByteView section) throws MalformedObjectException {
    return new Btf(section);
  }

  private Type read(ByteView records, int at) throws MalformedObjectException {
    int info = records.s32(at + 4L);
    int kind = info >>> 24 & 0x1f;
    int count = info & 0xffff;
    ByteView data =
        records.part(at + 12L, (long) count * perItem(kind) + fixed(kind), "a BTF type");
    return new Type(strings.text(records.u31(at)), kind, count, records.s32(at + 8L), data);
  }

  private static int perItem(int kind) {
    return switch (kind) {
      case STRUCT, UNION, DATASEC, ENUM64 -> 12;
      case ENUM, FUNC_PROTO -> 8;
      default -> 0;
    };
  }

  private static int fixed(int kind) {
    return switch (kind) {
      case INT, VAR, DECL_TAG -> 4;
      case ARRAY -> 12;
      default -> 0;
    };
  }

  Type type(int id) throws MalformedObjectException {
    if (id < 0 || id >= types.size()) {
      throw new MalformedObjectException("there is no BTF type " + id);
    }
    return types.get(id);
  }

  Optional<Type> section(String name) {
    return types.stream().filter(t -> t.kind() == DATASEC && t.name().equals(name)).findFirst();
  }

  /** The variables of a section. */
  List<Type> variables(Type section) throws MalformedObjectException {
    List<Type> variables = new ArrayList<>();
    for (int i = 0; i < section.count(); i++) {
      variables.add(type(section.data().u31(12L * i)));
    }
    return variables;
  }

  List<Member> members(Type struct) throws MalformedObjectException {
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < struct.count(); i++) {
      int nameOffset = struct.data().u31(12L * i);
      members.add(new Member(strings.text(nameOffset), struct.data().u31(12L * i + 4)));
    }
    return members;
  }

  /** The type behind typedefs and qualifiers. */
  Type resolve(int id) throws MalformedObjectException {
    Type type = type(id);
    for (int depth = 0; isAlias(type.kind()); depth++) {
      if (depth == MAX_DEPTH) {
        throw new MalformedObjectException("BTF type " + id + " refers to itself");
      }
      type = type(type.sizeOrType());
    }
    return type;
  }

  private static boolean isAlias(int kind) {
    return switch (kind) {
      case TYPEDEF, VOLATILE, CONST, RESTRICT, TYPE_TAG -> true;
      default -> false;
    };
  }

  /** Bytes that a value of the type takes. */
  int size(int id) throws MalformedObjectException {
    return size(id, 0);
  }

  private int size(int id, int depth) throws MalformedObjectException {
    if (depth == MAX_DEPTH) {
      throw new MalformedObjectException("BTF type " + id + " contains itself");
    }
    Type type = resolve(id);
    return switch (type.kind()) {
      case INT, STRUCT, UNION, ENUM, ENUM64 -> type.sizeOrType();
      case PTR -> POINTER_SIZE;
      case ARRAY -> product(elements(type), size(type.data().u31(0), depth + 1));
      default -> throw new MalformedObjectException("BTF type " + id + " has no size");
    };
  }

  private static int product(int elements, int size) throws MalformedObjectException {
    long bytes = (long) elements * size;
    if (bytes > Integer.MAX_VALUE) {
      throw new MalformedObjectException("a BTF array takes " + bytes + " bytes");
    }
    return (int) bytes;
  }

  static int elements(Type array) throws MalformedObjectException {
    return array.data().u31(8);
  }
}
