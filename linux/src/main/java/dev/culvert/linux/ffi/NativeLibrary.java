// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.ffi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Optional;

/**
 * A shared library whose functions are bound as method handles that capture errno. A library or
 * function that is missing does not fail the binding but each call, with {@link
 * MissingLibraryException}, so that handles can be static constants.
 */
@SuppressWarnings("restricted") // the one wall for native access, opened by --enable-native-access
public final class NativeLibrary {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final FunctionDescriptor SIX_WORDS =
      FunctionDescriptor.of(
          JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final NativeLibrary LIBC =
      new NativeLibrary(Optional.of(LINKER.defaultLookup()), "the C library", "libc6");

  private final Optional<SymbolLookup> symbols;
  private final String name;
  private final String debianPackage;

  private NativeLibrary(Optional<SymbolLookup> symbols, String name, String debianPackage) {
    this.symbols = symbols;
    this.name = name;
    this.debianPackage = debianPackage;
  }

  public static NativeLibrary libc() {
    return LIBC;
  }

  /**
   * Opens a shared library by name.
   *
   * @param name as given to dlopen(3), for example {@code libbpf.so.1}
   * @param debianPackage what an operator has to install when it is missing
   */
  public static NativeLibrary load(String name, String debianPackage) {
    return new NativeLibrary(open(name), name, debianPackage);
  }

  private static Optional<SymbolLookup> open(String name) {
    try {
      return Optional.of(SymbolLookup.libraryLookup(name, Arena.global()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  public boolean isLoaded() {
    return symbols.isPresent();
  }

  /** The address of a function or variable, if the library is there and has it. */
  public Optional<MemorySegment> symbol(String symbol) {
    return symbols.flatMap(s -> s.find(symbol));
  }

  /**
   * Binds a function that takes at most six integers or pointers and returns one or nothing. A
   * variadic one can be called so too: on Linux its arguments go where those of any other go.
   */
  public NativeFunction function(String name) {
    return new NativeFunction(bind(name, SIX_WORDS));
  }

  /** A handle of the function; its first parameter is {@link CallState#segment()}. */
  public MethodHandle bind(String function, FunctionDescriptor type) {
    return symbol(function)
        .map(address -> LINKER.downcallHandle(address, type, ERRNO))
        .orElseGet(() -> failing(function, type));
  }

  private MethodHandle failing(String function, FunctionDescriptor type) {
    MethodType call = type.toMethodType().insertParameterTypes(0, MemorySegment.class);
    MethodHandle thrower =
        MethodHandles.throwException(call.returnType(), MissingLibraryException.class)
            .bindTo(missing(function));
    return MethodHandles.dropArguments(thrower, 0, call.parameterList());
  }

  private MissingLibraryException missing(String function) {
    return new MissingLibraryException(
        isLoaded()
            ? "%s has no function %s: it is too old; upgrade Debian package %s"
                .formatted(name, function, debianPackage)
            : "%s is not on this machine: install it with 'apt-get install %s'"
                .formatted(name, debianPackage));
  }
}
