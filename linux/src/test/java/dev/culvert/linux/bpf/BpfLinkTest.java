// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.file.Cgroup;
import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.linux.socket.TestNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@NeedsRoot
final class BpfLinkTest {
  private Cgroup cgroup;
  private TestBpffs bpffs;
  private BpfObject object;

  @BeforeEach
  void load() throws IOException {
    cgroup = Cgroup.root().child("culvert-link-" + ProcessHandle.current().pid());
    bpffs = new TestBpffs();
    object = BpfObject.load(RedirectObject.spec(), LoadOptions.privateMaps());
  }

  @AfterEach
  void unload() throws IOException {
    object.close();
    bpffs.close();
    cgroup.remove();
  }

  @Test
  void cgroupLinkRunsItsProgramOnItsCgroup() throws Exception {
    BpfProgram connect4 = object.program("connect4");
    try (BpfLink link = CgroupLink.attach(connect4, cgroup.path())) {
      LinkInfo info = link.info();
      assertThat(info.programId()).isEqualTo(connect4.id());
      assertThat(info.target()).isEqualTo(Files.getAttribute(cgroup.path(), "unix:ino"));
      assertThat(info.isAttached()).isTrue();
    }
  }

  @Test
  void everyCgroupProgramAttaches() throws Exception {
    for (BpfProgram program : object.programs()) {
      if (!program.section().equals("sk_lookup")) {
        CgroupLink.attach(program, cgroup.path()).close();
      }
    }
  }

  @Test
  @Timeout(20)
  void namespaceLinkRunsUntilItsNamespaceIsGone() throws Exception {
    NetnsLink link;
    try (TestNamespace made = new TestNamespace();
        NetworkNamespace namespace = made.open()) {
      link = NetnsLink.attach(object.program("steer"), namespace);
      assertThat(link.info().target()).isEqualTo(namespace.inode());
    }
    try (link) {
      awaitDetached(link);
    }
  }

  /** The kernel dismantles a namespace in the background. */
  private static void awaitDetached(BpfLink link) throws Exception {
    while (link.info().isAttached()) {
      Thread.sleep(1);
    }
  }

  @Test
  void pinnedLinkOutlivesItsDescriptor() throws Exception {
    Path pin = bpffs.path().resolve("connect4");
    int id;
    try (BpfLink link = CgroupLink.attach(object.program("connect4"), cgroup.path())) {
      link.pin(pin);
      id = link.info().id();
    }
    try (CgroupLink opened = CgroupLink.openPinned(pin)) {
      assertThat(opened.info().id()).isEqualTo(id);
      assertThat(opened.info().isAttached()).isTrue();
    }
  }

  @Test
  void linkOfOtherKindIsRefused() throws Exception {
    Path pin = bpffs.path().resolve("connect4");
    try (BpfLink link = CgroupLink.attach(object.program("connect4"), cgroup.path())) {
      link.pin(pin);
      assertThatThrownBy(() -> NetnsLink.openPinned(pin)).hasMessageContaining("is no NetnsLink");
    }
  }

  @Test
  void updateReplacesProgramInPlace() throws Exception {
    try (BpfLink link = CgroupLink.attach(object.program("connect4"), cgroup.path());
        BpfObject next = BpfObject.load(RedirectObject.spec(), LoadOptions.privateMaps())) {
      int id = link.info().id();
      link.update(next.program("connect4"));
      assertThat(link.info().programId()).isEqualTo(next.program("connect4").id());
      assertThat(link.info().id()).isEqualTo(id);
    }
  }

  @Test
  void updateToProgramOfOtherHookIsRefused() throws Exception {
    try (BpfLink link = CgroupLink.attach(object.program("connect4"), cgroup.path())) {
      assertThatThrownBy(() -> link.update(object.program("connect6")))
          .hasMessage("connect6 is for cgroup/connect6, which is not the hook of this link");
      assertThat(link.info().programId()).isEqualTo(object.program("connect4").id());
    }
  }

  @Test
  void detachedLinkHasNoTarget() throws Exception {
    try (BpfLink link = CgroupLink.attach(object.program("connect4"), cgroup.path())) {
      link.detach();
      assertThat(link.info().isAttached()).isFalse();
    }
  }

  @Test
  void attachOutsideOfCgroupsNamesPlace() {
    assertThatThrownBy(() -> CgroupLink.attach(object.program("connect4"), Path.of("/tmp")))
        .isInstanceOf(ErrnoException.class)
        .hasMessageContaining("bpf_link_create(connect4, /tmp)");
    assertThatThrownBy(() -> CgroupLink.attach(object.program("connect4"), Path.of("/nowhere")))
        .hasMessageContaining("open(/nowhere): ENOENT");
  }
}
