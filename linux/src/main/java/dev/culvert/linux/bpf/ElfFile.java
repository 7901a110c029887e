// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The sections and symbols of a 64-bit little-endian ELF object for BPF; see elf(5). */
record ElfFile(List<Section> sections, List<Symbol> symbols) {
  private static final int MAGIC = 0x464c457f;
  private static final int HEADER_SIZE = 64;
  private static final int SECTION_HEADER_SIZE = 64;
  private static final int SYMBOL_SIZE = 24;
  private static final int CLASS_64 = 2;
  private static final int LITTLE_ENDIAN = 1;
  private static final int EM_BPF = 247;
  private static final int SHT_SYMTAB = 2;
  private static final int SHT_NOBITS = 8;
  private static final int SHF_EXECINSTR = 4;
  private static final int STB_GLOBAL = 1;
  private static final int STT_FUNC = 2;

  record Section(String name, int type, long flags, int link, ByteView content) {
    boolean isExecutable() {
      return (flags & SHF_EXECINSTR) != 0;
    }
  }

  record Symbol(String name, int info, int section) {
    boolean isGlobalFunction() {
      return info >> 4 == STB_GLOBAL && (info & 0xf) == STT_FUNC;
    }
  }

  static ElfFile read(byte[] bytes) throws MalformedObjectException {
    ByteView file = ByteView.of(bytes, "the file");
    checkHeader(file);
    List<Section> sections = readSections(file);
    return new ElfFile(sections, readSymbols(sections));
  }

  Optional<ByteView> content(String sectionName) {
    return sections.stream()
        .filter(s -> s.name().equals(sectionName))
        .findFirst()
        .map(Section::content);
  }

  private static void checkHeader(ByteView file) throws MalformedObjectException {
    if (file.size() < HEADER_SIZE || file.s32(0) != MAGIC) {
      throw new MalformedObjectException("it does not start with an ELF header");
    }
    if (file.u8(4) != CLASS_64 || file.u8(5) != LITTLE_ENDIAN || file.u16(18) != EM_BPF) {
      throw new MalformedObjectException("it is ELF, but not 64-bit little-endian BPF");
    }
  }

  private static List<Section> readSections(ByteView file) throws MalformedObjectException {
    long start = file.s64(40);
    int count = file.u16(60);
    if (file.u16(58) != SECTION_HEADER_SIZE) {
      throw new MalformedObjectException("unexpected size of a section header");
    }
    ByteView headers = file.part(start, (long) count * SECTION_HEADER_SIZE, "section headers");
    ByteView names = contentOf(file, headers, file.u16(62), "section names");
    List<Section> sections = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sections.add(readSection(file, headers, names, i));
    }
    return sections;
  }

  private static Section readSection(ByteView file, ByteView headers, ByteView names, int index)
      throws MalformedObjectException {
    long at = (long) index * SECTION_HEADER_SIZE;
    String name = names.text(headers.u31(at));
    ByteView content = contentOf(file, headers, index, "section '" + name + "'");
    return new Section(
        name, headers.s32(at + 4), headers.s64(at + 8), headers.u31(at + 40), content);
  }

  private static ByteView contentOf(ByteView file, ByteView headers, int index, String name)
      throws MalformedObjectException {
    long at = (long) index * SECTION_HEADER_SIZE;
    boolean isEmpty = headers.s32(at + 4) == SHT_NOBITS;
    return file.part(headers.s64(at + 24), isEmpty ? 0 : headers.s64(at + 32), name);
  }

  private static List<Symbol> readSymbols(List<Section> sections) throws MalformedObjectException {
    List<Symbol> symbols = new ArrayList<>();
    for (Section table : sections) {
      if (table.type() == SHT_SYMTAB) {
        readSymbols(table, namesOf(table, sections), symbols);
      }
    }
    return symbols;
  }

  private static ByteView namesOf(Section table, List<Section> sections)
      throws MalformedObjectException {
    if (table.link() >= sections.size()) {
      throw new MalformedObjectException("the symbol table names a section that is not there");
    }
    return sections.get(table.link()).content();
  }

  private static void readSymbols(Section table, ByteView names, List<Symbol> to)
      throws MalformedObjectException {
    ByteView content = table.content();
    for (int at = 0; at < content.size(); at += SYMBOL_SIZE) {
      to.add(new Symbol(names.text(content.u31(at)), content.u8(at + 4), content.u16(at + 6)));
    }
  }
}
