# Each src/kernels/*.isa.cc is compiled once for every instruction set, into a namespace of its own
# (macro DRAGOMAN_ISA); src/kernels/dispatch.cc picks one set at run time. Such a file includes no header
# with inline functions: the linker could keep the copy made for a newer processor.
file(GLOB isa_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/kernels/*.isa.cc)
set(isa_flags_baseline "")
set(isa_flags_avx2 -mavx2 -mfma -mf16c)
set(isa_flags_avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx2 -mfma -mf16c -mprefer-vector-width=512)
set(isa_flags_vnni ${isa_flags_avx512} -mavx512vnni)
set(isa_flags_amx ${isa_flags_vnni} -mamx-tile -mamx-int8)
# GCC 12's own headers of AVX-512 intrinsics use undefined values on purpose (GCC bug 105593).
foreach(isa baseline avx2 avx512 vnni amx)
  if(isa_sources)
    add_library(dragoman_kernels_${isa} OBJECT ${isa_sources})
    target_link_libraries(dragoman_kernels_${isa} PRIVATE dragoman_flags)
    target_compile_definitions(dragoman_kernels_${isa} PRIVATE DRAGOMAN_ISA=${isa})
    target_compile_options(dragoman_kernels_${isa} PRIVATE -O3 -ffp-contract=fast -fno-math-errno -fno-trapping-math -Wno-maybe-uninitialized ${isa_flags_${isa}})
    target_sources(dragoman_kernels PRIVATE $<TARGET_OBJECTS:dragoman_kernels_${isa}>)
  endif()
endforeach()
