// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import dev.culvert.linux.Fd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * The system calls that seccomp filters of this machine let through, from now on, noted by the
 * kernel as they are made. The pace of who makes them stays as it is.
 */
public final class SystemCallTrace implements AutoCloseable {
  private static final Path OBJECT = Path.of("src/test/bpf/calls.bpf.o");

  private final BpfObject object;
  private final Fd link;

  /**
   * A call that was made, however often.
   *
   * @param number as the kernel of this machine has it
   * @param argument the family of a socket, the kind of a namespace, the command of bpf; else 0
   */
  public record Call(int number, int argument) {}

  private SystemCallTrace(BpfObject object, Fd link) {
    this.object = object;
    this.link = link;
  }

  /** Notes calls until it is closed. */
  public static SystemCallTrace start() throws IOException {
    BpfObject object =
        BpfObject.load(BpfObjectSpec.read(Files.readAllBytes(OBJECT)), LoadOptions.privateMaps());
    try {
      Fd link = LibbpfCalls.createLink(object.program("enter"), 0, 0, "sys_enter");
      return new SystemCallTrace(object, link);
    } catch (IOException | RuntimeException e) {
      object.close();
      throw e;
    }
  }

  /**
   * What the containers of a pod called, also those that have ended.
   *
   * @param pod the cgroup in which those of its containers are
   */
  public Set<Call> of(Path pod) throws IOException {
    long id = (long) Files.getAttribute(pod, "unix:ino");
    Set<Call> calls = new HashSet<>();
    for (byte[] key : object.map("calls").keys()) {
      ByteBuffer call = ByteBuffer.wrap(key).order(ByteOrder.nativeOrder());
      if (call.getLong() == id) {
        calls.add(new Call(call.getInt(), call.getInt()));
      }
    }
    return calls;
  }

  @Override
  public void close() {
    link.close();
    object.close();
  }
}
