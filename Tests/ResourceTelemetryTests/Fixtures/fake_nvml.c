// A small stand-in for libnvidia-ml.so.1, with the names, structures and codes of NVIDIA's documentation. What its two
// devices say comes from the file that FAKE_NVML names: one line per device, `BUSY MEMORY_BUSY USED POWER TEMPERATURE
// REASONS`, or `lost`. Without the file there is no driver.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { int index; } device_t;
typedef struct { unsigned gpu, memory; } utilization_t;
typedef struct { unsigned long long total, free, used; } memory_t;
typedef struct { unsigned pid; unsigned long long memory; unsigned gpu_instance, compute_instance; } process_t;

static device_t devices[8];

static int line(int index, char *text, int size) {
    const char *path = getenv("FAKE_NVML");
    FILE *file = path ? fopen(path, "r") : NULL;
    if (!file) return 9;  // NVML_ERROR_DRIVER_NOT_LOADED
    int result = 6;       // NVML_ERROR_NOT_FOUND
    for (int place = 0; fgets(text, size, file); place++)
        if (place == index) { result = strncmp(text, "lost", 4) == 0 ? 15 : 0; break; }
    fclose(file);
    return result;
}

static int numbers(device_t *device, long long values[6]) {
    char text[256];
    int code = line(device->index, text, sizeof text);
    if (code) return code;
    sscanf(text, "%lld %lld %lld %lld %lld %lld", &values[0], &values[1], &values[2], &values[3], &values[4], &values[5]);
    return 0;
}

int nvmlInit_v2(void) { char text[256]; int code = line(0, text, sizeof text); return code == 9 ? 9 : 0; }
int nvmlInitWithFlags(unsigned flags) { (void)flags; return nvmlInit_v2(); }  // what NVIDIA's Python calls
int nvmlShutdown(void) { return 0; }
const char *nvmlErrorString(int code) {
    return code == 9 ? "Driver Not Loaded" : code == 15 ? "GPU is lost" : code == 3 ? "Not Supported" : "Unknown Error";
}
int nvmlDeviceGetCount_v2(unsigned *count) {
    char text[256];
    *count = 0;
    while (*count < 8) {
        int code = line((int)*count, text, sizeof text);
        if (code == 9) return 9;
        if (code == 6) break;
        ++*count;
    }
    return 0;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, device_t **device) {
    char text[256];
    int code = line((int)index, text, sizeof text);
    if (code) return code;
    devices[index].index = (int)index;
    *device = &devices[index];
    return 0;
}
int nvmlDeviceGetUtilizationRates(device_t *device, utilization_t *rates) {
    long long values[6];
    int code = numbers(device, values);
    if (code) return code;
    rates->gpu = (unsigned)values[0];
    rates->memory = (unsigned)values[1];
    return 0;
}
int nvmlDeviceGetMemoryInfo(device_t *device, memory_t *memory) {
    long long values[6];
    int code = numbers(device, values);
    if (code) return code;
    memory->total = 1000;
    memory->used = (unsigned long long)values[2];
    memory->free = memory->total - memory->used;
    return 0;
}
int nvmlDeviceGetPowerUsage(device_t *device, unsigned *milliwatts) {
    long long values[6];
    int code = numbers(device, values);
    if (code) return code;
    if (values[3] < 0) return (int)-values[3];  // -3: NVML_ERROR_NOT_SUPPORTED, -999: NVML_ERROR_UNKNOWN
    *milliwatts = (unsigned)values[3];
    return 0;
}
#ifdef NEWER
// What comes after CUDA 13, where the older names are gone.
typedef struct { unsigned version, sensor; int temperature; } temperature_t;
int nvmlDeviceGetTemperatureV(device_t *device, temperature_t *reading) {
    long long values[6];
    int code = numbers(device, values);
    if (code) return code;
    if (reading->version != (sizeof *reading | 1 << 24)) return 25;  // NVML_ERROR_ARGUMENT_VERSION_MISMATCH
    if (reading->sensor != 0) return 2;
    reading->temperature = (int)values[4];
    return 0;
}
#define REASONS nvmlDeviceGetCurrentClocksEventReasons
#else
int nvmlDeviceGetTemperature(device_t *device, unsigned sensor, unsigned *degrees) {
    long long values[6];
    int code = numbers(device, values);
    if (code || sensor != 0) return code ? code : 2;
    *degrees = (unsigned)values[4];
    return 0;
}
#define REASONS nvmlDeviceGetCurrentClocksThrottleReasons
#endif
int nvmlDeviceGetUUID(device_t *device, char *text, unsigned size) {
    snprintf(text, size, "GPU-0000000%d-aaaa-bbbb-cccc-dddddddddddd", device->index);
    return 0;
}
int nvmlDeviceGetName(device_t *device, char *text, unsigned size) { snprintf(text, size, "Fake %d", device->index); return 0; }
int REASONS(device_t *device, unsigned long long *reasons) {
    long long values[6];
    int code = numbers(device, values);
    if (code) return code;
    *reasons = (unsigned long long)values[5];
    return 0;
}
#ifdef OLDER
#define PROCESSES nvmlDeviceGetComputeRunningProcesses_v2
#else
#define PROCESSES nvmlDeviceGetComputeRunningProcesses_v3
#endif
// As many as FAKE_NVML_PROCESSES says, two without it; the memory of every second one is not available.
int PROCESSES(device_t *device, unsigned *count, process_t *list) {
    const char *text = getenv("FAKE_NVML_PROCESSES");
    unsigned all = text ? (unsigned)atoi(text) : 2, room = *count;
    *count = all;
    if (room < all) return 7;  // NVML_ERROR_INSUFFICIENT_SIZE
    for (unsigned place = 0; place < all; place++)
        list[place] = (process_t){ 100 + place, place % 2 ? ~0ull : 300, 0, 0 };
    (void)device;
    return 0;
}
