// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What libbpf says, verifier logs included, collected for the call during which it said it. libbpf
 * has one print function for the whole process and calls it on the thread that called libbpf; it
 * grows its verifier log until it is whole.
 */
@SuppressWarnings("restricted") // an upcall; it stays inside this module
final class LibbpfLog implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(LibbpfLog.class);
  private static final ThreadLocal<LibbpfLog> CURRENT = new ThreadLocal<>();
  private static final int LEVEL_DEBUG = 2;

  // va_list is a struct of 24 bytes on x86-64 and of 32 on arm64; both pass its address.
  private static final long VA_LIST_SIZE = 32;

  private static final MethodHandle VSNPRINTF =
      NativeLibrary.libc()
          .bind("vsnprintf", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS));
  private static final MethodHandle SET_PRINT =
      LibbpfCalls.LIBBPF.bind("libbpf_set_print", FunctionDescriptor.of(ADDRESS, ADDRESS));

  static {
    install();
  }

  private final StringBuilder text = new StringBuilder();

  private LibbpfLog() {}

  /** Collects on this thread until closed. */
  static LibbpfLog open() {
    LibbpfLog log = new LibbpfLog();
    CURRENT.set(log);
    return log;
  }

  /** All of it, a line each. */
  String text() {
    return text.toString();
  }

  @Override
  public void close() {
    CURRENT.remove();
  }

  private static void install() {
    if (!LibbpfCalls.LIBBPF.isLoaded()) {
      return; // every other call says so
    }
    try (CallState state = CallState.open()) {
      MethodHandle print =
          MethodHandles.lookup()
              .findStatic(
                  LibbpfLog.class,
                  "print",
                  MethodType.methodType(
                      int.class, int.class, MemorySegment.class, MemorySegment.class));
      MemorySegment stub =
          Linker.nativeLinker()
              .upcallStub(
                  print,
                  FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS),
                  Arena.global());
      MemorySegment previous = (MemorySegment) SET_PRINT.invokeExact(state.segment(), stub);
      logger.trace("libbpf printed through {}", previous);
    } catch (Throwable t) {
      throw CallState.unexpected(t);
    }
  }

  /** The print function; an exception that left it would end the JVM. */
  @SuppressWarnings("unused") // called by libbpf
  private static int print(int level, MemorySegment format, MemorySegment arguments) {
    try {
      if (level < LEVEL_DEBUG) {
        accept(formatted(format, arguments));
      }
    } catch (Throwable t) {
      logger.warn("a message of libbpf could not be read", t);
    }
    return 0;
  }

  private static void accept(String message) {
    LibbpfLog log = CURRENT.get();
    if (log == null) {
      logger.debug("{}", message.stripTrailing());
    } else {
      log.text.append(message);
    }
  }

  private static String formatted(MemorySegment format, MemorySegment arguments) throws Throwable {
    try (CallState state = CallState.open()) {
      // Reading the arguments uses them up, so the first pass, for the length, has a copy.
      MemorySegment copy = state.arena().allocate(VA_LIST_SIZE, 16);
      copy.copyFrom(arguments.reinterpret(VA_LIST_SIZE));
      int length =
          (int) VSNPRINTF.invokeExact(state.segment(), MemorySegment.NULL, 0L, format, copy);
      MemorySegment buffer = state.arena().allocate(Math.max(0, length) + 1L);
      int written =
          (int)
              VSNPRINTF.invokeExact(state.segment(), buffer, buffer.byteSize(), format, arguments);
      byte[] bytes = buffer.asSlice(0, Math.max(0, written)).toArray(JAVA_BYTE);
      return new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
    }
  }
}
