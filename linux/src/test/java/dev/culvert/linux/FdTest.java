// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.errno.Errno;
import dev.culvert.linux.errno.ErrnoException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class FdTest {
  @Test
  void duplicateOfUnopenedDescriptorNamesCallAndErrno() {
    assertThatThrownBy(Fd.own(1_000_000)::duplicate)
        .isInstanceOf(ErrnoException.class)
        .hasMessage("fcntl(1000000, F_DUPFD_CLOEXEC): EBADF (9)");
  }

  @Test
  void duplicateOutlivesOriginal() throws Exception {
    Fd copy = Fd.own(1).duplicate();
    Fd second = copy.duplicate();
    copy.close();
    assertThat(Files.exists(Path.of("/proc/self/fd/" + second.value()))).isTrue();
    second.close();
  }

  @Test
  void closedDescriptorIsRefused() throws Exception {
    Fd fd = Fd.own(1).duplicate();
    fd.close();
    fd.close();
    assertThat(fd.isOpen()).isFalse();
    assertThatThrownBy(fd::value).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void everyErrnoHasName() {
    assertThat(Errno.name(Errno.ECONNREFUSED)).isEqualTo("ECONNREFUSED");
    assertThat(Errno.name(Errno.ENOPROTOOPT)).isEqualTo("ENOPROTOOPT");
    assertThat(Errno.name(133)).isEqualTo("EHWPOISON");
    assertThat(Errno.name(41)).isEqualTo("errno 41");
    assertThat(Errno.name(4242)).isEqualTo("errno 4242");
  }
}
