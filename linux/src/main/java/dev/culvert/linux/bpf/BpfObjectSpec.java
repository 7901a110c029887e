// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an object file holds, without asking any kernel: the same bytes give the same spec on every
 * machine.
 */
public final class BpfObjectSpec {
  private final String name;
  private final String license;
  private final List<ProgramSpec> programs;
  private final List<MapSpec> maps;
  private final byte[] elf;

  private BpfObjectSpec(String name, ElfFile file, byte[] elf) throws MalformedObjectException {
    this.name = name;
    this.license = readLicense(file);
    this.programs = readPrograms(file);
    Optional<ByteView> btf = file.content(".BTF");
    this.maps = btf.isEmpty() ? List.of() : MapSpecs.read(Btf.read(btf.get()));
    this.elf = elf;
  }

  /** As {@link #read(String, byte[])}, for an object that needs no name of its own. */
  public static BpfObjectSpec read(byte[] elf) throws MalformedObjectException {
    return read("bpf_object", elf);
  }

  /**
   * Reads an object file as clang writes it.
   *
   * @param name how messages call it, for example {@code redirect}
   * @throws MalformedObjectException when it is none
   */
  public static BpfObjectSpec read(String name, byte[] elf) throws MalformedObjectException {
    byte[] copy = elf.clone();
    return new BpfObjectSpec(name, ElfFile.read(copy), copy);
  }

  private static String readLicense(ElfFile file) throws MalformedObjectException {
    Optional<ByteView> section = file.content("license");
    return section.isEmpty() ? "" : section.get().text(0);
  }

  private static List<ProgramSpec> readPrograms(ElfFile file) {
    List<ProgramSpec> programs = new ArrayList<>();
    for (ElfFile.Symbol symbol : file.symbols()) {
      if (symbol.isGlobalFunction() && symbol.section() < file.sections().size()) {
        ElfFile.Section section = file.sections().get(symbol.section());
        // .text holds subprograms, which cannot be attached.
        if (section.isExecutable() && !section.name().equals(".text")) {
          programs.add(new ProgramSpec(symbol.name(), section.name()));
        }
      }
    }
    return List.copyOf(programs);
  }

  public String name() {
    return name;
  }

  /** What the programs tell the kernel; helpers that are GPL-only need a compatible one. */
  public String license() {
    return license;
  }

  public List<ProgramSpec> programs() {
    return programs;
  }

  public List<MapSpec> maps() {
    return maps;
  }

  byte[] elf() {
    return elf;
  }

  @Override
  public String toString() {
    return "%s (%d programs, %d maps)".formatted(name, programs.size(), maps.size());
  }
}
