// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.culvert.linux.Fd;
import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeFunction;
import dev.culvert.linux.ffi.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** sendmsg(2) and recvmsg(2) of one packet, with descriptors in SCM_RIGHTS; never blocks. */
final class MessageCalls {
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_CTRUNC = 0x8;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;

  private static final NativeFunction SENDMSG = NativeLibrary.libc().function("sendmsg");
  private static final NativeFunction RECVMSG = NativeLibrary.libc().function("recvmsg");

  private MessageCalls() {}

  static void send(int fd, byte[] data, Fd... fds) throws ErrnoException {
    try (CallState state = CallState.open()) {
      Arena arena = state.arena();
      MemorySegment bytes = arena.allocate(Math.max(1, data.length));
      MemorySegment.copy(data, 0, bytes, JAVA_BYTE, 0, data.length);
      MemorySegment control = DescriptorMessage.encode(arena, fds);
      MemorySegment message = MessageHeader.encode(arena, bytes, data.length, control);
      long sent = SENDMSG.call(state, fd, message.address(), MSG_NOSIGNAL | MSG_DONTWAIT);
      state.check(sent, "sendmsg", fd, data.length + " bytes", fds.length + " descriptors");
    }
  }

  static Packet receive(int fd, int maxBytes, int maxDescriptors) throws ErrnoException {
    try (CallState state = CallState.open()) {
      Arena arena = state.arena();
      MemorySegment bytes = arena.allocate(maxBytes);
      MemorySegment control = DescriptorMessage.allocate(arena, maxDescriptors);
      MemorySegment message = MessageHeader.encode(arena, bytes, maxBytes, control);
      long received = RECVMSG.call(state, fd, message.address(), MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
      state.check(received, "recvmsg", fd);
      int flags = MessageHeader.flags(message);
      return new Packet(
          bytes.asSlice(0, received).toArray(JAVA_BYTE),
          DescriptorMessage.decode(control, MessageHeader.controlLength(message)),
          (flags & MSG_TRUNC) != 0,
          (flags & MSG_CTRUNC) != 0);
    }
  }
}
