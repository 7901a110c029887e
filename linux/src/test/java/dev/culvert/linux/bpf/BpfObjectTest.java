// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@NeedsRoot
final class BpfObjectTest {
  private static final byte[] COOKIE = {1, 2, 3, 4, 5, 6, 7, 8};

  private TestBpffs bpffs;
  private LoadOptions pinned;

  @BeforeEach
  void mount() throws IOException {
    bpffs = new TestBpffs();
    pinned = LoadOptions.pinnedMaps(bpffs.path().resolve("maps"));
  }

  @AfterEach
  void unmount() throws IOException {
    bpffs.close();
  }

  private Path pin(String name) {
    return bpffs.path().resolve("maps").resolve(name);
  }

  @Test
  void everyProgramPassesVerifier() throws Exception {
    BpfObjectSpec spec = RedirectObject.spec();
    try (BpfObject object = BpfObject.load(spec, LoadOptions.privateMaps())) {
      assertThat(object.programs()).hasSameSizeAs(spec.programs());
      assertThat(object.program("steer").id()).isPositive();
      assertThat(object.program("steer").section()).isEqualTo("sk_lookup");
    }
  }

  @Test
  void kernelKeepsLayoutsOfSpec() throws Exception {
    BpfObjectSpec spec = RedirectObject.spec();
    try (BpfObject object = BpfObject.load(spec, LoadOptions.privateMaps())) {
      for (MapSpec map : spec.maps()) {
        assertThat(object.map(map.name()).info().asSpec()).isEqualTo(map);
      }
    }
  }

  @Test
  void entriesComeAndGo() throws Exception {
    try (BpfObject object = BpfObject.load(RedirectObject.spec(), LoadOptions.privateMaps())) {
      BpfMap pods = object.map("pods");
      byte[] pod = new byte[24];
      pod[0] = 42;
      assertThat(pods.lookup(COOKIE)).isEmpty();
      assertThat(pods.delete(COOKIE)).isFalse();
      pods.update(COOKIE, pod);
      assertThat(pods.lookup(COOKIE)).contains(pod);
      assertThat(pods.keys()).containsExactly(COOKIE);
      assertThat(pods.delete(COOKIE)).isTrue();
      assertThat(pods.keys()).isEmpty();
    }
  }

  @Test
  void everyKeyIsListed() throws Exception {
    try (BpfObject object = BpfObject.load(RedirectObject.spec(), LoadOptions.privateMaps())) {
      BpfMap pods = object.map("pods");
      for (long cookie = 0; cookie < 1_000; cookie++) {
        pods.update(
            ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(cookie).array(),
            new byte[24]);
      }
      assertThat(pods.keys()).hasSize(1_000).doesNotHaveDuplicates();
    }
  }

  @Test
  void keyOfWrongSizeIsRefusedBeforeTheKernelReadsIt() throws Exception {
    try (BpfObject object = BpfObject.load(RedirectObject.spec(), LoadOptions.privateMaps())) {
      assertThatThrownBy(() -> object.map("pods").lookup(new byte[4]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a key of map pods has 8 bytes, not 4");
      assertThatThrownBy(() -> object.map("pods").update(COOKIE, new byte[25]))
          .hasMessage("a value of map pods has 24 bytes, not 25");
    }
  }

  @Test
  void unknownNameListsWhatIsThere() throws Exception {
    try (BpfObject object = BpfObject.load(RedirectObject.spec(), LoadOptions.privateMaps())) {
      assertThatThrownBy(() -> object.program("sockops"))
          .hasMessageContaining("has no program 'sockops'")
          .hasMessageContaining("handover");
      assertThatThrownBy(() -> object.map("pod")).hasMessageContaining("pod_addresses");
    }
  }

  @Test
  void pinnedMapsAreAdoptedWithTheirEntries() throws Exception {
    int id;
    try (BpfObject first = BpfObject.load(RedirectObject.spec(), pinned)) {
      first.map("pods").update(COOKIE, new byte[24]);
      id = first.map("pods").info().id();
    }
    try (BpfObject second = BpfObject.load(RedirectObject.spec(), pinned);
        BpfMap opened = BpfMap.openPinned(pin("pods"))) {
      assertThat(second.map("pods").lookup(COOKIE)).isPresent();
      assertThat(second.map("pods").info().id()).isEqualTo(id);
      assertThat(opened.info().id()).isEqualTo(id);
    }
  }

  @Test
  void everyMapIsPinned() throws Exception {
    BpfObject.load(RedirectObject.spec(), pinned).close();
    for (MapSpec map : RedirectObject.spec().maps()) {
      assertThat(pin(map.name())).exists();
    }
  }

  @Test
  void pinOfOtherLayoutIsRefusedWithBothLayouts() throws Exception {
    BpfObject.load(RedirectObject.spec(), pinned).close();
    Files.delete(pin("pods"));
    Files.move(pin("originals"), pin("pods"));
    assertThatThrownBy(() -> BpfObject.load(RedirectObject.spec(), pinned))
        .isInstanceOf(BpfLoadException.class)
        .hasMessageContaining(pin("pods") + " is pinned with another layout")
        .hasMessageContaining("key 48 bytes")
        .hasMessageContaining("key 8 bytes")
        .hasMessageContaining("remove the pins");
  }

  @Test
  void refusedProgramBringsWholeVerifierLog() throws Exception {
    BpfObjectSpec bad = BpfObjectSpec.read("bad", readingNothing("sk_lookup"));
    BpfLoadException refused =
        catchThrowableOfType(BpfLoadException.class, () -> BpfObject.load(bad, pinned));
    assertThat(refused.program()).contains("steer");
    assertThat(refused)
        .hasMessageStartingWith("BPF object bad, program steer was refused: ")
        .hasMessageContaining("R2 !read_ok")
        .hasMessageContaining("EACCES")
        .hasMessageContaining("-- END PROG LOAD LOG --");
  }

  @Test
  void refusedObjectLeavesNoPins() throws Exception {
    BpfObjectSpec bad = BpfObjectSpec.read("bad", readingNothing("sk_lookup"));
    assertThatThrownBy(() -> BpfObject.load(bad, pinned)).isInstanceOf(BpfLoadException.class);
    try (var pins = Files.list(pin("."))) {
      assertThat(pins).isEmpty();
    }
  }

  @Test
  void missingPinSaysSo() {
    assertThatThrownBy(() -> BpfMap.openPinned(pin("pods")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("nothing is pinned here");
  }

  @Test
  void pinOfLinkIsNoMap() throws Exception {
    BpfObject.load(RedirectObject.spec(), pinned).close();
    assertThatThrownBy(() -> BpfLink.openPinned(pin("pods")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is a pin of anon_inode:bpf-map, not of bpf-link");
  }

  /**
   * The redirect object, with a section that begins by reading through a register that holds
   * nothing.
   */
  private static byte[] readingNothing(String section) throws IOException {
    byte[] elf = RedirectObject.bytes();
    ByteView code = ElfFile.read(elf).content(section).orElseThrow();
    int at = indexOf(elf, code);
    ByteBuffer.wrap(elf).order(ByteOrder.LITTLE_ENDIAN).putLong(at, 0x2079); // r0 = *(u64 *)r2
    return elf;
  }

  private static int indexOf(byte[] elf, ByteView code) throws IOException {
    ByteBuffer file = ByteBuffer.wrap(elf).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < elf.length - code.size(); at += 8) {
      int same = 0;
      while (same < code.size() && file.getLong(at + same) == code.s64(same)) {
        same += 8;
      }
      if (same == code.size()) {
        return at;
      }
    }
    throw new IOException("code not found");
  }
}
